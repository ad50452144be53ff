'use strict';
const { after, before, describe } = require('node:test');
const { start } = require('./network');

describe('the official npm packages against our wire', { timeout: 1_200_000 }, () => {
    const under = {};
    let stop = async () => {};
    before(async () => {
        const network = await start();
        under.file = network.file;
        stop = network.stop;
    }, { timeout: 600_000 });
    after(() => stop());

    require('./transactions')(under);
    require('./events')(under);
    require('./wire')(under);
});
