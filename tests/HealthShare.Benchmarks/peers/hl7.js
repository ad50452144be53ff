// Parses a corpus of HL7 v2 messages with npm parsers. Reads one command a line from standard input and answers each with one
// line of JSON, so that its rounds can take turns with another parser's:
//   parse PARSER REPEATS | large PARSER BYTES
// node hl7.js CORPUS     (a JSON array of texts, segments ended by CR)
'use strict';
const fs = require('node:fs');
const readline = require('node:readline');
const { Hl7Message } = require('@medplum/core');
const simple = require('simple-hl7');

const corpus = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const parser = new simple.Parser({ segmentSeperator: '\r' });

// Each reads MSH-10 and PID-5 and counts the OBX segments. simple-hl7's header begins at MSH-3.
const parsers = {
    'simple-hl7': (text) => {
        const message = parser.parse(text);
        const id = message.header.getField(8);
        let name;
        let count = 0;
        for (const segment of message.segments) {
            if (segment.name === 'OBX') count++;
            else if (segment.name === 'PID' && name === undefined) name = segment.fields.length < 5 ? '' : segment.getField(5);
        }
        return { id, name, count };
    },
    '@medplum/core': (text) => {
        const message = Hl7Message.parse(text);
        return {
            id: message.header.getField(10)?.toString(),
            name: message.getSegment('PID')?.getField(5)?.toString(),
            count: message.getAllSegments('OBX').length,
        };
    },
};
const large = {
    'simple-hl7': (text) => parser.parse(text).segments[1].getComponent(5, 5),
    '@medplum/core': (text) => Hl7Message.parse(text).getSegment('OBX').getComponent(5, 5),
};

function parse(name, repeats) {
    let obx = 0;
    let read = 0;
    const before = process.cpuUsage();
    for (let repeat = 0; repeat < repeats; repeat++) {
        for (const text of corpus) {
            const { id, count } = parsers[name](text);
            if (id) read++;
            obx += count;
        }
    }
    const used = process.cpuUsage(before);
    if (read === 0) throw new Error('no control id was read');
    return { rate: (corpus.length * repeats) / ((used.user + used.system) / 1e6), obx: obx / repeats };
}

function readLarge(name, size) {
    const text = `MSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5.1\rPID|1||1\rOBX|1|ED|c||^IM^PNG^Base64^${'A'.repeat(size)}||||||F\r`;
    const bytes = Buffer.from(text, 'latin1'); // as they come from the wire
    const started = process.hrtime.bigint();
    if (large[name](bytes.toString('utf8')).length !== size) throw new Error('the value lost characters');
    return { milliseconds: Number(process.hrtime.bigint() - started) / 1e6 };
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const [command, name, count] = line.split(' ');
    console.log(JSON.stringify(command === 'parse' ? parse(name, Number(count)) : readLarge(name, Number(count))));
});
