// The network under test: the one that HEALTHSHARE_FABRIC names by its connection file, or else a sandbox of our own.
'use strict';
const { spawn } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const grpc = require('@grpc/grpc-js');
const { connect, hash, signers } = require('@hyperledger/fabric-gateway');

const PORT_BASE = 6200;
const START_LIMIT_MS = 300_000;
const READY = 'Ctrl+C stops it'; // said once every member is founded and ready
const root = path.resolve(__dirname, '..', '..');

exports.chaincode = 'healthshare';

/** Names the connection file and returns how to stop what was started for it. */
exports.start = async () => {
    if (process.env.HEALTHSHARE_FABRIC) {
        return { file: process.env.HEALTHSHARE_FABRIC, stop: async () => {} };
    }
    const state = fs.mkdtempSync(path.join(os.tmpdir(), 'healthshare-conformance-'));
    const sandbox = spawn('dotnet', ['run', '--no-build', '--project', path.join(root, 'network', 'HealthShare.Sandbox'), '--',
        '--state', state, '--port-base', String(PORT_BASE)], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    let ended = false;
    sandbox.stdout.on('data', (text) => { output += text; });
    sandbox.stderr.on('data', (text) => { output += text; });
    const exited = new Promise((resolve) => { sandbox.on('close', () => { ended = true; resolve(); }); });
    const stop = async () => {
        if (!ended) {
            process.kill(-sandbox.pid, 'SIGINT'); // the whole group: dotnet run has the sandbox as its child
            await Promise.race([exited, sleep(15_000)]);
        }
        if (!ended) { process.kill(-sandbox.pid, 'SIGKILL'); await exited; }
        fs.rmSync(state, { recursive: true, force: true });
    };
    for (const until = Date.now() + START_LIMIT_MS; !output.includes(READY);) {
        if (ended || Date.now() > until) {
            await stop();
            throw new Error(`the sandbox ${ended ? 'ended' : 'did not become ready'}:\n${output}`);
        }
        await sleep(200);
    }
    return { file: path.join(state, 'connection.json'), stop };
};

/** Opens a gateway as the official client does it. */
exports.open = (file, { org = 0, user = 'User1', claim } = {}) => {
    const { net, organization, client } = exports.dial(file, org);
    const { cert, key } = organization.users.find((u) => u.name === user);
    const gateway = connect({
        client,
        identity: { mspId: claim ?? organization.mspId, credentials: fs.readFileSync(from(file, cert)) },
        signer: signers.newPrivateKeySigner(crypto.createPrivateKey(fs.readFileSync(from(file, key)))),
        hash: hash.sha256,
        evaluateOptions: () => ({ deadline: Date.now() + 60_000 }),
        endorseOptions: () => ({ deadline: Date.now() + 60_000 }),
        submitOptions: () => ({ deadline: Date.now() + 60_000 }),
        commitStatusOptions: () => ({ deadline: Date.now() + 60_000 }),
    });
    const network = gateway.getNetwork(net.channel);
    return {
        net, organization, gateway, network, contract: network.getContract(exports.chaincode),
        close() { gateway.close(); client.close(); },
    };
};

/** A bare gRPC connection to an organization's peer. */
exports.dial = (file, org = 0) => {
    const net = JSON.parse(fs.readFileSync(file, 'utf8'));
    const organization = net.organizations[org];
    const [peer] = organization.peers;
    const credentials = peer.tlsCaCert
        ? grpc.credentials.createSsl(fs.readFileSync(from(file, peer.tlsCaCert)))
        : grpc.credentials.createInsecure();
    const options = peer.tlsServerName ? { 'grpc.ssl_target_name_override': peer.tlsServerName } : {};
    return { net, organization, client: new grpc.Client(peer.endpoint, credentials, options) };
};

/** The first items of an event stream, which is closed then; fails where they do not come in time. */
exports.take = async (events, count, limitMs = 120_000) => {
    const items = [];
    const timer = setTimeout(() => events.close(), limitMs);
    try {
        for await (const item of events) {
            items.push(item);
            if (items.length === count) { break; }
        }
    } finally {
        clearTimeout(timer);
        events.close();
    }
    if (items.length < count) { throw new Error(`${items.length} of ${count} events came within ${limitMs} ms`); }
    return items;
};

const from = (file, name) => path.resolve(path.dirname(file), name);
