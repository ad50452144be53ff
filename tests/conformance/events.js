// Blocks and chaincode events by @hyperledger/fabric-gateway; hashes recomputed here.
'use strict';
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { after, before, describe, it } = require('node:test');
const { checkpointers } = require('@hyperledger/fabric-gateway');
const { common } = require('@hyperledger/fabric-protos');
const { chaincode, open, take } = require('./network');

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), crypto.createHash('sha256')).digest();

// ASN.1 DER, short lengths only: a block header is far below 128 bytes.
const tlv = (tag, value) => Buffer.concat([Buffer.from([tag, value.length]), value]);
function integer(number) {
    const hex = number.toString(16);
    const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
    return tlv(0x02, bytes[0] & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}
const headerHash = (header) => sha256(tlv(0x30, Buffer.concat([
    integer(header.getNumber()), tlv(0x04, Buffer.from(header.getPreviousHash_asU8())),
    tlv(0x04, Buffer.from(header.getDataHash_asU8()))])));

module.exports = (under) => describe('events', () => {
    let session;
    let height;
    before(async () => {
        session = open(under.file);
        await session.contract.submitTransaction('Organizations:List');
        const info = await session.network.getContract('qscc').evaluateTransaction('GetChainInfo', session.net.channel);
        height = common.BlockchainInfo.deserializeBinary(info).getHeight();
    });
    after(() => session?.close());

    it('blocks come in order from genesis and form a chain', async () => {
        const blocks = await take(await session.network.getBlockEvents({ startBlock: 0n }), height);
        let previous;
        blocks.forEach((block, number) => {
            const header = block.getHeader();
            assert.equal(header.getNumber(), number);
            if (previous) { assert.deepEqual(Buffer.from(header.getPreviousHash_asU8()), previous); }
            assert.deepEqual(Buffer.from(header.getDataHash_asU8()), sha256(...block.getData().getDataList_asU8()));
            previous = headerHash(header);
        });
    });

    it('filtered blocks name the channel and the transactions', async () => {
        const blocks = await take(await session.network.getFilteredBlockEvents({ startBlock: 0n }), height);
        blocks.forEach((block, number) => {
            assert.equal(block.getNumber(), number);
            assert.equal(block.getChannelId(), session.net.channel);
        });
        assert.ok(blocks.at(-1).getFilteredTransactionsList().every((transaction) => transaction.getTxid().length === 64));
    });

    it('blocks with private data come too', async () => {
        const blocks = await take(await session.network.getBlockAndPrivateDataEvents({ startBlock: 0n }), height);
        blocks.forEach((item, number) => assert.equal(item.getBlock().getHeader().getNumber(), number));
    });

    it('a block that is committed later is delivered then', async () => {
        const events = await session.network.getBlockEvents({ startBlock: BigInt(height) });
        const taken = take(events, 1);
        await session.contract.submitTransaction('Organizations:List');
        assert.equal((await taken)[0].getHeader().getNumber(), height);
    });

    it('chaincode events replay the same and go on after a checkpoint', async () => {
        const read = async (options, count) => (await take(await session.network.getChaincodeEvents(chaincode, options), count))
            .map((event) => [event.blockNumber, event.transactionId, event.eventName, Buffer.from(event.payload).toString('hex')]);
        const [once] = await read({ startBlock: 0n }, 1);
        assert.deepEqual(await read({ startBlock: 0n }, 1), [once]);
        assert.deepEqual(await read({ startBlock: once[0] }, 1), [once]);

        const checkpoint = checkpointers.inMemory();
        await checkpoint.checkpointChaincodeEvent({ blockNumber: once[0], transactionId: once[1] });
        const next = await session.network.getChaincodeEvents(chaincode, { checkpoint });
        const timer = setTimeout(() => next.close(), 2_000); // a channel may hold no further event
        for await (const event of next) {
            assert.notEqual(event.transactionId, once[1]);
            break;
        }
        clearTimeout(timer);
        next.close();
    });
});
