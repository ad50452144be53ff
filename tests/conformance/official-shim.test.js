// The ledger as a program of its own, with a chaincode on the official Node shim and the official gateway client: the checks
// that a real network passes, each counted as a test.
'use strict';
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');

const root = path.resolve(__dirname, '..', '..');
const programs = process.env.FABRIC_NATIVE_NODE ?? path.resolve(root, '..', 'shared', 'fabric-native', 'node');
const skip = fs.existsSync(path.join(programs, 'verify.js')) ? false
    : `no verify.js in ${programs}; FABRIC_NATIVE_NODE names the folder of the reference programs`;
const environment = { ...process.env, NODE_PATH: path.join(__dirname, 'node_modules') }; // where those programs find their packages

const checks = [
    'submit returns once committed',
    'another organization reads it',
    'step by step, with a commit status',
    'two updates of one key in one block: one MVCC_READ_CONFLICT',
    'chaincode events, from a block on',
    'block events and filtered block events',
    'range, pages, composite keys, history',
    'a chaincode error reaches the client',
    'private data in implicit collections',
    'client identity',
];

describe('the official chaincode shim and client on the ledger as a program', { timeout: 1_200_000 }, () => {
    const state = skip ? '' : fs.mkdtempSync(path.join(os.tmpdir(), 'devledger-'));
    const running = [];
    let lines = [];
    let status;

    before(async () => {
        if (skip) { return; }
        const address = `127.0.0.1:${await freePort()}`;
        await said(start('node', [path.join(programs, 'chaincode.js'), '--ccid', 'asset:dev', '--address', address]), 'listening on');
        await said(start('dotnet', ['run', '--no-build', '--project', path.join(root, 'network', 'HealthShare.DevLedger'), '--',
            '--orgs', 'HospitalA,HospitalB,HospitalC', '--chaincode', `asset=${address}`, '--state', state, '--json']), '"gateways"');
        const verify = start('node', [path.join(programs, 'verify.js'), '--net', state]);
        status = await verify.exited;
        lines = verify.output.split('\n').filter((line) => /^(ok|FAIL) /.test(line));
    }, { timeout: 600_000 });

    after(async () => {
        for (const { child, exited } of running.reverse()) {
            if (child.exitCode === null && child.signalCode === null) {
                process.kill(-child.pid, 'SIGTERM'); // the group: dotnet run has the ledger as its child
                await exited;
            }
        }
        if (state) { fs.rmSync(state, { recursive: true, force: true }); }
    });

    for (const name of checks) {
        test(name, { skip }, () => { // each by itself: a suite that is skipped as a whole counts as no test at all
            const line = lines.find((candidate) => candidate.slice(5).startsWith(`${name} (`) || candidate.startsWith(`FAIL ${name}:`));
            assert.ok(line, `no line about it:\n${lines.join('\n')}`);
            assert.match(line, /^ok /);
        });
    }

    test('nothing else was checked, and the program says success', { skip }, () => {
        assert.equal(lines.length, checks.length, lines.join('\n'));
        assert.equal(status, 0);
    });

    function start(command, parameters) {
        const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: environment });
        const program = { child, output: '' };
        child.stdout.on('data', (text) => { program.output += text; });
        child.stderr.on('data', (text) => { program.output += text; });
        program.exited = new Promise((resolve) => { child.on('close', (code) => { program.ended = true; resolve(code); }); });
        running.push(program);
        return program;
    }
});

async function said(program, words) {
    while (!program.output.includes(words)) {
        if (program.ended) { throw new Error(`it ended:\n${program.output}`); }
        await sleep(50);
    }
}

// Below those that systems give to outgoing connections: such a one may be taken before the program listens there.
async function freePort() {
    const first = 6300 + process.pid % 100; // two runs beside each other begin at different ones
    for (let port = first; port < first + 100; port++) {
        const free = await new Promise((resolve) => {
            const server = net.createServer();
            server.once('error', () => resolve(false));
            server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
        });
        if (free) { return port; }
    }
    throw new Error('No port from 6300 to 6499 is free.');
}
