// An MLLP receiver over simple-hl7 that keeps what it acknowledges: each message is appended to a file and synced before its answer.
// node mllp.js FILE PORT     prints "ready" and ends with its standard input
'use strict';
const fs = require('node:fs');
const hl7 = require('simple-hl7');

const journal = fs.openSync(process.argv[2], 'a');
const app = hl7.tcp();
app.use((request, response) => {
    fs.writeSync(journal, request.raw);
    fs.fdatasyncSync(journal);
    response.end();
});
app.start(Number(process.argv[3]));
process.stdin.on('end', () => process.exit(0)).resume();
console.log('ready');
