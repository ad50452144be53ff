import type { Schemas } from "../api/client";
import { toBase64Url } from "../signing/base64url";
import { canonicalize } from "../signing/canonical";
import { newId } from "../signing/ids";
import { assertWith } from "../signing/passkey";
import { challengeOf, timeOf } from "../signing/statement";

export const reasonCodes = ["lifeThreat", "cannotConsent", "other"] as const;
export type ReasonCode = (typeof reasonCodes)[number];
const hours = 4;

/** A declaration before it is signed: the words stay at the hospital, the channel holds a commitment to them. */
export interface Declaration {
  bytes: Uint8Array<ArrayBuffer>;
  reason: string;
  salt: string;
}

export async function declare(
  channel: string, patient: string, member: string, role: string, code: ReasonCode, reason: string, issued = new Date(),
): Promise<Declaration> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const words = new TextEncoder().encode(reason);
  const committed = new Uint8Array(salt.length + words.length);
  committed.set(salt);
  committed.set(words, salt.length);
  const commitment = toBase64Url(await crypto.subtle.digest("SHA-256", committed));
  const statement = {
    v: 1, type: "emergency", channel, id: newId("em"), patient, member, role, reason: { code, commitment },
    issued: timeOf(issued), notAfter: timeOf(new Date(issued.getTime() + hours * 3_600_000)),
  };
  return { bytes: new TextEncoder().encode(canonicalize(statement)), reason, salt: toBase64Url(salt) };
}

/** One of the two signatures. The device offers the keys of this site, so that a colleague can use a key of their own. */
export async function signDeclaration({ bytes }: Declaration, credentialIds: string[]): Promise<Schemas["SignedAssertion"]> {
  return assertWith(await challengeOf(bytes, "emergency"), credentialIds);
}
