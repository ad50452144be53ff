// The chaincode that the benchmarks measure ours against, over the official Node shim; the same functions as
// tests/HealthShare.AssetChaincode has under these names.
// node chaincode.js --package-id ID --address HOST:PORT; the environment's CORE_CHAINCODE_ID_NAME and CHAINCODE_SERVER_ADDRESS stand in.
// With TLS: CHAINCODE_TLS_KEY, CHAINCODE_TLS_CERT, CHAINCODE_CLIENT_CA_CERT name files in PEM.
'use strict';
process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'error'; // by default the shim writes several lines for each transaction
process.env.CORE_CHAINCODE_LOGGING_SHIM ??= 'error';
const fs = require('node:fs');
const { parseArgs } = require('node:util');
const shim = require('fabric-shim');

const processId = require('node:crypto').randomUUID();

const { values: given } = parseArgs({
    options: {
        'package-id': { type: 'string', default: process.env.CORE_CHAINCODE_ID_NAME ?? process.env.CHAINCODE_ID },
        address: { type: 'string', default: process.env.CHAINCODE_SERVER_ADDRESS },
    },
});

const functions = {
    async put(stub, key, value) {
        await stub.putState(key, Buffer.from(value));
        stub.setEvent('put', Buffer.from(key));
        return Buffer.alloc(0);
    },
    async get(stub, key) {
        const value = await stub.getState(key);
        if (value.length === 0) throw new Error(`no such key: ${key}`);
        return value;
    },
    // "PROCESS MILLISECONDS": an id of this process, and the processor time that it has used since it began.
    async processorTime() {
        const used = process.cpuUsage();
        return Buffer.from(`${processId} ${(used.user + used.system) / 1000}`);
    },
};

const chaincode = {
    async Init() {
        return shim.success();
    },
    async Invoke(stub) {
        const { fcn, params } = stub.getFunctionAndParameters();
        try {
            if (!Object.hasOwn(functions, fcn)) throw new Error(`no such function: ${fcn}`);
            return shim.success(await functions[fcn](stub, ...params));
        } catch (e) {
            return shim.error(e.message);
        }
    },
};

const tls = process.env.CHAINCODE_TLS_KEY && {
    key: fs.readFileSync(process.env.CHAINCODE_TLS_KEY),
    cert: fs.readFileSync(process.env.CHAINCODE_TLS_CERT),
    clientCACerts: process.env.CHAINCODE_CLIENT_CA_CERT && fs.readFileSync(process.env.CHAINCODE_CLIENT_CA_CERT),
};
shim.server(chaincode, { ccid: given['package-id'], address: given.address, ...(tls && { tlsProps: tls }) }).start().then(
    () => console.log(`listening on ${given.address} as ${given['package-id']}`),
    (e) => {
        console.error(e.message);
        process.exit(1);
    });
