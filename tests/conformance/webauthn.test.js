'use strict';
const { createHash } = require('node:crypto');
const { describe, test } = require('node:test');
const assert = require('node:assert');
const { verifyAuthenticationResponse } = require('@simplewebauthn/server');
const vectors = require('./webauthn-vectors.json');

// The same file is held against our own verifier by AssertionVectorTests, which checks each code.
describe('assertions of the software authenticator, judged by @simplewebauthn/server', () => {
    for (const one of vectors.cases) {
        const expected = one.oracleDiffers ? one.code !== null : one.code === null;
        test(`${one.name}: ${one.code ?? 'accepted'}${one.oracleDiffers ? ` (${one.oracleDiffers})` : ''}`, async () => {
            assert.strictEqual(await accepts(one), expected);
        });
    }
});

async function accepts(one) {
    const challenge = createHash('sha256').update('healthshare-statement-v1\n').update(Buffer.from(one.statement, 'base64url'));
    try {
        const { verified } = await verifyAuthenticationResponse({
            response: {
                id: one.id, rawId: one.id, type: 'public-key', clientExtensionResults: {},
                response: { clientDataJSON: one.clientDataJSON, authenticatorData: one.authenticatorData, signature: one.signature },
            },
            expectedChallenge: challenge.digest('base64url'),
            expectedOrigin: vectors.origin,
            expectedRPID: vectors.rpId,
            credential: { id: vectors.credential, publicKey: Buffer.from(vectors.publicKey, 'base64url'), counter: 0 },
            requireUserVerification: true,
        });
        return verified;
    } catch {
        return false; // it throws where it refuses
    }
}
