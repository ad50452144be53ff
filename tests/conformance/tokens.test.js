'use strict';
const { execFileSync } = require('node:child_process');
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { before, describe, test } = require('node:test');

// What the well-kept library says of a token, the node must say, too; where it is stricter, the case says why.
const root = process.env.HEALTHSHARE_ROOT ?? path.resolve(__dirname, '..', '..');
const issuer = 'https://login.north.example', audience = 'https://north.example';
const now = Math.floor(Date.now() / 1000);

describe('access tokens, judged by jose', () => {
    const cases = [];
    let answers = [];

    before(async () => {
        const jose = await import('jose');
        const es = await jose.generateKeyPair('ES256'), rs = await jose.generateKeyPair('RS256', { modulusLength: 2048 });
        const es384 = await jose.generateKeyPair('ES384'), ps = await jose.generateKeyPair('PS256', { modulusLength: 2048 });
        const small = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
        const stranger = await jose.generateKeyPair('ES256');
        const jwk = async (key, kid, more) => ({ ...await jose.exportJWK(key), kid, ...more });
        const keys = [
            await jwk(es.publicKey, 'es', { alg: 'ES256', use: 'sig' }), await jwk(rs.publicKey, 'rs', { alg: 'RS256', use: 'sig' }),
            await jwk(es384.publicKey, 'es384', { use: 'sig' }), await jwk(ps.publicKey, 'ps', { alg: 'PS256', use: 'sig' }),
            { ...small.publicKey.export({ format: 'jwk' }), kid: 'small', use: 'sig' }, await jwk(stranger.publicKey, 'enc', { use: 'enc' }),
        ];
        const good = { iss: issuer, aud: audience, sub: 'engine', client_id: 'engine', scope: 'system/*.rs', iat: now, exp: now + 600, jti: '1' };
        const sign = (claims, header = {}, key = es.privateKey) => new jose.SignJWT(without({ ...good, ...claims }))
            .setProtectedHeader(without({ alg: 'ES256', typ: 'at+jwt', kid: 'es', ...header })).sign(key);
        const raw = (header, claims, key = es.privateKey) => {
            const signed = `${encode(header)}.${encode(claims)}`;
            return `${signed}.${crypto.sign('sha256', Buffer.from(signed), { key: crypto.KeyObject.from(key), dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
        };
        const header = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'es' });
        const add = (name, token, stricter) => cases.push({ name, token, stricter });

        add('good, ES256', await sign({}));
        add('good, RS256', await sign({}, { alg: 'RS256', kid: 'rs' }, rs.privateKey));
        add('good, audience among others', await sign({ aud: ['https://x.example', audience] }));
        add('good, full name of the type', await sign({}, { typ: 'application/at+jwt' }));
        add('good, type in capitals', await sign({}, { typ: 'AT+JWT' }));
        add('good, over by less than the skew', await sign({ iat: now - 100, exp: now - 20 }));
        add('good, a fraction of a second', await sign({ exp: now + 600.5 }));
        for (const [name, claims] of Object.entries({
            'another issuer': { iss: 'https://evil.example' }, 'no issuer': { iss: undefined }, 'another audience': { aud: 'https://south.example' },
            'no audience': { aud: undefined }, 'an empty list of audiences': { aud: [] }, 'over': { iat: now - 900, exp: now - 300 },
            'not yet': { nbf: now + 300 }, 'no end': { exp: undefined }, 'no beginning': { iat: undefined }, 'no subject': { sub: undefined },
            'no client': { client_id: undefined }, 'an end that is text': { exp: String(now + 600) },
        })) add(name, name === 'an end that is text' ? raw(header, JSON.stringify({ ...good, ...claims })) : await sign(claims));
        add('type of an id token', await sign({}, { typ: 'JWT' }));
        add('no type', await sign({}, { typ: undefined }));
        add('unknown key', await sign({}, { kid: 'other' }));
        add('key of somebody else', await sign({}, {}, stranger.privateKey));
        add('key for encryption', await sign({}, { kid: 'enc' }, stranger.privateKey));
        add('ES384', await sign({}, { alg: 'ES384', kid: 'es384' }, es384.privateKey));
        add('PS256', await sign({}, { alg: 'PS256', kid: 'ps' }, ps.privateKey));
        add('HS256 with the public key', await new jose.SignJWT(good).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'rs' })
            .sign(Buffer.from(await jose.exportSPKI(rs.publicKey))));
        add('none', `${encode(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: 'es' }))}.${encode(JSON.stringify(good))}.`);
        add('RS256 on a key for ES256', raw(JSON.stringify({ alg: 'RS256', typ: 'at+jwt', kid: 'es' }), JSON.stringify(good)));
        const signed = `${encode(JSON.stringify({ alg: 'RS256', typ: 'at+jwt', kid: 'small' }))}.${encode(JSON.stringify(good))}`;
        add('RSA of 1024 bits', `${signed}.${crypto.sign('sha256', Buffer.from(signed), small.privateKey).toString('base64url')}`);
        add('an extension that must be understood', raw(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'es', crit: ['x'], x: 1 }), JSON.stringify(good)));
        const token = await sign({}), [head, body, seal] = token.split('.');
        add('signature cut', `${head}.${body}.${seal.slice(0, -4)}`);
        add('no signature', `${head}.${body}.`);
        add('claims changed', `${head}.${encode(JSON.stringify({ ...good, scope: 'system/*.cruds' }))}.${seal}`);
        add('a part more', `${token}.x`);
        add('signature in DER', (() => {
            const text = `${head}.${body}`;
            return `${text}.${crypto.sign('sha256', Buffer.from(text), { key: crypto.KeyObject.from(es.privateKey), dsaEncoding: 'der' }).toString('base64url')}`;
        })());
        add('claims that are no object', raw(header, '[]'));
        add('claims that are no JSON', raw(header, '{'));
        add('no key named', await sign({}, { kid: undefined }), 'jose takes the one key that fits; here a token names its key');
        add('a claim twice', raw(header, JSON.stringify(good).replace('{', '{"aud":"https://south.example",')), 'jose takes the last; here nothing is said twice');
        add('a life of a year', await sign({ exp: now + 31536000 }), 'the node bounds how long a token lives');
        add('no scope', await sign({ scope: undefined }), 'such a token is good and gives nothing');
        add('scopes of two levels', await sign({ scope: 'system/*.rs user/*.rs' }), 'such a token is good and nobody knows for whom');
        add('huge', await sign({ filler: 'x'.repeat(9000) }), 'the node bounds how long a token is');

        for (const one of cases) {
            one.jose = await jose.jwtVerify(one.token, jose.createLocalJWKSet({ keys }), {
                issuer, audience, algorithms: ['ES256', 'RS256'], typ: 'at+jwt', clockTolerance: 60, requiredClaims: ['exp', 'iat', 'sub', 'client_id'],
            }).then(() => true, () => false);
        }
        answers = check(keys, cases.map((one) => one.token));
    }, { timeout: 600_000 });

    test('the node says of every token what jose says, save where it is stricter for a named reason', () => {
        assert.strictEqual(answers.length, cases.length);
        const different = cases.map((one, i) => ({ ...one, ours: answers[i].accepted, reason: answers[i].reason }))
            .filter((one) => one.ours !== (one.stricter ? false : one.jose) || (one.stricter && !one.jose))
            .map((one) => `${one.name}: jose ${one.jose}, ours ${one.ours} ${one.reason ?? ''}`);
        assert.deepStrictEqual(different, []);
        assert.ok(cases.filter((one) => one.jose && !one.stricter).length >= 7);
        assert.ok(cases.filter((one) => !one.jose).length >= 25);
    });
});

function check(keys, tokens) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tokens-'));
    try {
        fs.writeFileSync(path.join(folder, 'keys.json'), JSON.stringify({ keys }));
        fs.writeFileSync(path.join(folder, 'tokens'), tokens.join('\n'));
        const output = run(['token', 'check', '--issuer', issuer, '--audience', audience, '--keys', path.join(folder, 'keys.json'), '--json', path.join(folder, 'tokens')]);
        return output.split('\n').filter((line) => line.length > 0).map((line) => JSON.parse(line));
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}

function run(args) {
    try {
        return execFileSync('dotnet', ['run', '--no-build', '--project', path.join(root, 'node', 'HealthShare.Node'), '--', ...args], { encoding: 'utf8' });
    } catch (error) {
        if (error.status === 1) return error.stdout; // some are refused, as they should be
        throw error;
    }
}

function without(object) {
    return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function encode(text) {
    return Buffer.from(text).toString('base64url');
}
