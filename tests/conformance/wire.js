// The gRPC call layer itself, by @grpc/grpc-js: what a careful client and a careless one would see.
'use strict';
const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const grpc = require('@grpc/grpc-js');
const { gateway } = require('@hyperledger/fabric-protos');
const { dial } = require('./network');

const same = (bytes) => bytes;

module.exports = (under) => describe('gRPC', () => {
    let client;
    before(() => { ({ client } = dial(under.file)); });
    after(() => client?.close());

    const call = (method, bytes, options = {}) => new Promise((resolve, reject) => {
        client.makeUnaryRequest(method, same, same, bytes, new grpc.Metadata(), options,
            (error, answer) => (error ? reject(error) : resolve(answer)));
    });
    const code = async (...args) => call(...args).then(() => assert.fail('no error'), (error) => error.code);

    it('a method that is not served is UNIMPLEMENTED', async () => {
        assert.equal(await code('/gateway.Gateway/NoSuchMethod', Buffer.alloc(0)), grpc.status.UNIMPLEMENTED);
    });

    it('a message that is no protobuf is INTERNAL', async () => {
        assert.equal(await code('/gateway.Gateway/Evaluate', Buffer.from('ffffff', 'hex')), grpc.status.INTERNAL);
    });

    it('an empty request is refused and not a crash', async () => {
        for (const method of ['Evaluate', 'Endorse', 'Submit', 'CommitStatus']) {
            assert.notEqual(await code(`/gateway.Gateway/${method}`, Buffer.alloc(0)), grpc.status.OK);
        }
    });

    it('an unsigned commit status request is refused', async () => {
        const request = new gateway.SignedCommitStatusRequest();
        assert.notEqual(await code('/gateway.Gateway/CommitStatus', Buffer.from(request.serializeBinary())), grpc.status.OK);
    });

    it('a deadline in the past ends a call as DEADLINE_EXCEEDED', async () => {
        assert.equal(await code('/gateway.Gateway/Evaluate', Buffer.alloc(0), { deadline: Date.now() - 1 }),
            grpc.status.DEADLINE_EXCEEDED);
    });

    it('a hundred streams stay open beside unary calls', async () => {
        const streams = Array.from({ length: 100 }, () => client.makeBidiStreamRequest('/protos.Deliver/Deliver', same, same));
        const ends = streams.map((stream) => new Promise((resolve) => { stream.on('error', (error) => resolve(error.code)); }));
        assert.equal(await code('/gateway.Gateway/Evaluate', Buffer.from('ffffff', 'hex')), grpc.status.INTERNAL);
        streams.forEach((stream) => stream.cancel());
        assert.deepEqual(new Set(await Promise.all(ends)), new Set([grpc.status.CANCELLED]));
    });
});
