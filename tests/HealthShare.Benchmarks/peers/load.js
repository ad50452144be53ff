// Puts load on a channel through the official Node gateway client. Reads one command a line from standard input and answers
// each with one line of JSON, so that its rounds can take turns with another client's:
//   submit COUNT | evaluate COUNT
// node load.js --connection FILE --msp ID --user NAME --chaincode NAME [--inflight N] [--size BYTES]
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');
const readline = require('node:readline');
const { parseArgs } = require('node:util');
const grpc = require('@grpc/grpc-js');
const gateway = require('@hyperledger/fabric-gateway');

const { values: given } = parseArgs({
    options: {
        connection: { type: 'string' },
        msp: { type: 'string' },
        user: { type: 'string' },
        chaincode: { type: 'string' },
        inflight: { type: 'string', default: '96' },
        size: { type: 'string', default: '256' },
    },
});
const inflight = Number(given.inflight);
const value = 'v'.repeat(Number(given.size));

const profile = JSON.parse(fs.readFileSync(given.connection, 'utf8'));
const member = profile.organizations.find((organization) => organization.mspId === given.msp);
const user = member.users.find((candidate) => candidate.name === given.user);
const [peer] = member.peers;
const client = new grpc.Client(
    peer.endpoint,
    peer.tlsCaCert ? grpc.credentials.createSsl(fs.readFileSync(peer.tlsCaCert)) : grpc.credentials.createInsecure(),
    peer.tlsServerName ? { 'grpc.ssl_target_name_override': peer.tlsServerName } : {});
const within = (seconds) => () => ({ deadline: Date.now() + seconds * 1000 });
const connection = gateway.connect({
    client,
    identity: { mspId: given.msp, credentials: fs.readFileSync(user.cert) },
    signer: gateway.signers.newPrivateKeySigner(crypto.createPrivateKey(fs.readFileSync(user.key))),
    hash: gateway.hash.sha256,
    evaluateOptions: within(30),
    endorseOptions: within(30),
    submitOptions: within(30),
    commitStatusOptions: within(60),
});
const contract = connection.getNetwork(profile.channel).getContract(given.chaincode);

const work = {
    async submit(key) {
        const submitted = await (await contract.newProposal('put', { arguments: [key, value] }).endorse()).submit();
        const status = await submitted.getStatus();
        if (!status.successful) throw new Error(`transaction ${status.transactionId} is invalid: code ${status.code}`);
    },
    async evaluate() {
        await contract.evaluate('get', { arguments: ['benchmark'] });
    },
};

async function round(kind, count) {
    const one = work[kind];
    const prefix = crypto.randomBytes(6).toString('hex');
    const milliseconds = [];
    const errors = [];
    let next = 0;
    const processor = process.cpuUsage();
    const started = performance.now();
    await Promise.all(Array.from({ length: Math.min(inflight, count) }, async () => {
        while (next < count) {
            const key = `${prefix}-${next++}`;
            const at = performance.now();
            try {
                await one(key);
                milliseconds.push(performance.now() - at);
            } catch (e) {
                errors.push(`${e.message} ${e.details?.[0]?.message ?? ''}`);
            }
        }
    }));
    const seconds = (performance.now() - started) / 1000;
    const used = process.cpuUsage(processor);
    milliseconds.sort((a, b) => a - b);
    const at = (share) => milliseconds[Math.min(milliseconds.length - 1, Math.floor(milliseconds.length * share))] ?? 0;
    return {
        count, seconds, processorSeconds: (used.user + used.system) / 1e6, p50: at(0.5), p95: at(0.95),
        failed: errors.length, firstError: errors[0],
    };
}

(async () => {
    for await (const line of readline.createInterface({ input: process.stdin })) {
        const [kind, count] = line.split(' ');
        process.stdout.write(`${JSON.stringify(await round(kind, Number(count)))}\n`);
    }
    connection.close();
    client.close();
})().catch((e) => {
    process.stderr.write(`${e.stack}\n`);
    process.exit(1);
});
