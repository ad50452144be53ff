'use strict';
const { spawnSync } = require('node:child_process');
const { describe, test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { Hl7Message } = require('@medplum/core');
const simple = require('simple-hl7');

// Where two independent parsers agree on a value, ours must agree with them. The corpus lies beside the repository and is not ours to ship.
const root = path.resolve(__dirname, '..', '..');
const corpus = path.join(process.env.HEALTHSHARE_SHARED ?? path.join(root, '..', 'shared'), 'data', 'hl7');
const skip = fs.existsSync(corpus) ? false : `the shared corpus '${corpus}' is absent; HEALTHSHARE_SHARED names the folder above its 'data'`;

describe('values of the shared corpus, judged by @medplum/core and simple-hl7', { skip }, () => {
    const files = fs.readdirSync(corpus, { recursive: true }).filter((name) => name.endsWith('.hl7')).sort();
    const ours = new Map();
    for (const line of inspect(files)) {
        const message = JSON.parse(line);
        if (!ours.has(message.file)) ours.set(message.file, []);
        ours.get(message.file).push(message);
    }

    test('every value on which both agree is ours too', () => {
        const counts = { messages: 0, agreed: 0, disagreed: 0 };
        const different = [];
        for (const file of files) {
            const texts = messagesOf(fs.readFileSync(path.join(corpus, file)));
            const mine = ours.get(path.join(corpus, file)).filter((message) => message.segments);
            if (mine.length !== texts.length) continue; // a message that we refuse; its reason is held by our own tests
            texts.forEach((text, index) => {
                counts.messages++;
                compare(`${file}#${index}`, leavesOfOurs(mine[index]), leavesOfMedplum(text), leavesOfSimple(text), counts, different);
            });
        }
        assert.deepStrictEqual(different.slice(0, 20), []);
        assert.ok(counts.messages > 1500 && counts.agreed > 100_000 && counts.agreed > 50 * counts.disagreed, JSON.stringify(counts));
    });
});

function inspect(files) {
    const { status, stdout, stderr } = spawnSync('dotnet', ['run', '--no-build', '--project', path.join(root, 'node', 'HealthShare.Node'), '--',
        'hl7', 'inspect', '--values', ...files.map((file) => path.join(corpus, file))], { maxBuffer: 1 << 30, encoding: 'utf8' });
    assert.ok(status === 0 || status === 1, stderr); // 1: some of the corpus holds no message
    return stdout.split('\n').filter((line) => line.length > 0);
}

// As the corpus' manifest normalises: framing and byte order marks off, UTF-8 if valid else ISO-8859-1, CR ends a segment.
function messagesOf(bytes) {
    let text;
    try {
        text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
    } catch {
        text = bytes.toString('latin1');
    }
    const messages = [];
    for (const line of text.replace(/[\u000b\u001c\ufeff]/g, '').split(/[\r\n]+/)) {
        if (line.startsWith('MSH')) messages.push([line]);
        else if (/^(FHS|BHS|BTS|FTS)(?![A-Z0-9])/.test(line)) messages.push(null);
        else if (line && messages.at(-1)) messages.at(-1).push(line);
    }
    return messages.filter(Boolean).map((lines) => lines.join('\r'));
}

// A map from 'PID[1]-3(1).4.2' to the value as it stands. MSH is compared from field 3 on: the two count its delimiters differently.
function leaves(segments) {
    const map = new Map();
    const seen = {};
    for (const [name, fields] of segments) {
        seen[name] = (seen[name] ?? 0) + 1;
        fields.forEach((repetitions, f) => repetitions.forEach((components, r) => components.forEach((subs, c) => subs.forEach((value, s) => {
            if (name !== 'MSH' || f >= 2) map.set(`${name}[${seen[name]}]-${f + 1}(${r + 1}).${c + 1}.${s + 1}`, value);
        }))));
    }
    return map;
}

function leavesOfOurs(message) {
    return leaves(message.segments.map(({ segment, fields }) => [segment, fields]));
}

function leavesOfMedplum(text) {
    const message = Hl7Message.parse(text);
    const cut = (component) => component.split(message.context.subcomponentSeparator);
    return leaves(message.segments.map((segment) => {
        const fields = segment.fields.slice(1).map((field) => field.components.map((components) => components.map(cut)));
        return [segment.name, segment.name === 'MSH' ? [[], ...fields] : fields];
    }));
}

function leavesOfSimple(text) {
    const message = new simple.Parser({ segmentSeperator: '\r' }).parse(text);
    const component = ({ value: [parts] }) => (Array.isArray(parts) ? parts : [parts]);
    const field = ({ value }) => value.map((one) => (Array.isArray(one) ? one : one.value[0]).map(component));
    return leaves([['MSH', [[], [], ...message.header.fields.map(field)]],
        ...message.segments.map((segment) => [segment.name, segment.fields.map(field)])]);
}

function compare(where, mine, one, other, counts, different) {
    for (const place of new Set([...mine.keys(), ...one.keys(), ...other.keys()])) {
        const [a, b, c] = [mine, one, other].map((map) => map.get(place) ?? ''); // not written and written empty are one to the two
        if (b !== c) counts.disagreed++;
        else if (a === b) counts.agreed++;
        else different.push(`${where} ${place}: ours '${a}', theirs '${b}'`);
    }
}
