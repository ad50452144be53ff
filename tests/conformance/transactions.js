// Transactions and queries by @hyperledger/fabric-gateway.
'use strict';
const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const grpc = require('@grpc/grpc-js');
const { EndorseError, GatewayError, StatusCode } = require('@hyperledger/fabric-gateway');
const { common } = require('@hyperledger/fabric-protos');
const { open } = require('./network');

const text = (bytes) => Buffer.from(bytes).toString();
const failure = (promise) => promise.then(() => assert.fail('no error'), (error) => error);

module.exports = (under) => describe('gateway client', () => {
    let first;
    let second;
    before(() => { first = open(under.file); second = open(under.file, { org: 1 }); });
    after(() => { first?.close(); second?.close(); });

    it('evaluates, with the same answer wherever it is asked', async () => {
        const target = { endorsingOrganizations: [second.organization.mspId] };
        const answers = [
            await first.contract.evaluateTransaction('Organizations:List'),
            await first.contract.evaluate('Organizations:List', target),
            await second.contract.evaluateTransaction('Organizations:List'),
        ].map(text);
        assert.equal(typeof JSON.parse(answers[0]), 'object');
        assert.equal(new Set(answers).size, 1);
    });

    it('endorses, submits and waits for the commit', async () => {
        const transaction = await first.contract.newProposal('Organizations:List').endorse();
        const committed = await transaction.submit();
        const status = await committed.getStatus();
        assert.equal(status.code, StatusCode.VALID);
        assert.equal(status.successful, true);
        assert.equal(status.transactionId, transaction.getTransactionId());
        assert.ok(status.blockNumber > 0n);
        assert.deepEqual(transaction.getResult(), committed.getResult());
    });

    it('submits with the endorsing organizations named', async () => {
        const named = { endorsingOrganizations: [first.organization.mspId, second.organization.mspId] };
        const submitted = await first.contract.submitAsync('Organizations:List', named);
        assert.equal((await submitted.getStatus()).code, StatusCode.VALID);
    });

    it('submits many at once', async () => {
        const submitted = await Promise.all(Array.from({ length: 20 }, () => first.contract.submitAsync('Organizations:List')));
        const statuses = await Promise.all(submitted.map((s) => s.getStatus()));
        assert.ok(statuses.every((s) => s.code === StatusCode.VALID));
        assert.equal(new Set(statuses.map((s) => s.transactionId)).size, 20);
    });

    it('reports a chaincode refusal with the peer that gave it', async () => {
        const submit = await failure(first.contract.submitTransaction('Organizations:NoSuchTransaction'));
        assert.ok(submit instanceof EndorseError);
        assert.equal(submit.code, grpc.status.ABORTED);
        assert.match(submit.details[0].message, /^chaincode response 500, /);
        assert.ok(submit.details[0].mspId.length > 0 && submit.details[0].address.length > 0);

        const evaluate = await failure(first.contract.evaluateTransaction('Organizations:NoSuchTransaction'));
        assert.ok(evaluate instanceof GatewayError);
        assert.equal(evaluate.code, grpc.status.UNKNOWN);
        assert.match(JSON.stringify([evaluate.message, evaluate.details]), /chaincode response 500, /);
    });

    it('reports a chaincode that is not there', async () => {
        const error = await failure(first.network.getContract('no-such-chaincode').submitTransaction('any'));
        assert.equal(error.code, grpc.status.FAILED_PRECONDITION);
    });

    it('refuses an identity under a foreign MSP id', async () => {
        const liar = open(under.file, { claim: second.organization.mspId });
        try {
            const submit = await failure(liar.contract.submitTransaction('Organizations:List'));
            assert.ok(submit instanceof EndorseError);
            assert.match(JSON.stringify([submit.message, submit.details]), /access denied|creator/);
            await failure(liar.contract.evaluateTransaction('Organizations:List'));
        } finally {
            liar.close();
        }
    });

    it('reads height and hash of the chain', async () => {
        const info = await first.network.getContract('qscc').evaluateTransaction('GetChainInfo', first.net.channel);
        const chain = common.BlockchainInfo.deserializeBinary(info);
        assert.ok(chain.getHeight() > 1);
        assert.equal(chain.getCurrentblockhash_asU8().length, 32);
    });

    it('looks a transaction up by its id', async () => {
        const submitted = await first.contract.submitAsync('Organizations:List');
        const { transactionId } = await submitted.getStatus();
        const { peer } = require('@hyperledger/fabric-protos');
        const qscc = first.network.getContract('qscc');
        const found = peer.ProcessedTransaction.deserializeBinary(
            await qscc.evaluateTransaction('GetTransactionByID', first.net.channel, transactionId));
        assert.equal(found.getValidationcode(), StatusCode.VALID);
        const missing = await failure(qscc.evaluateTransaction('GetTransactionByID', first.net.channel, '0'.repeat(64)));
        assert.match(JSON.stringify([missing.message, missing.details]), /no such transaction ID/);
    });
});
