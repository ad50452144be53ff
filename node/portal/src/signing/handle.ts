import type { Schemas } from "../api/client";
import { toBase64Url } from "./base64url";
import { challengeOf, timeOf } from "./statement";

/** How long a one-time code is good. */
export const handleMinutes = 5;

/** The lines that a passkey signs for a one-time code: whose it is, which, and from when to when. */
export function writeHandle(channel: string, patientId: string, nonce: Uint8Array, issued: Date): Uint8Array<ArrayBuffer> {
  const expires = new Date(issued.getTime() + handleMinutes * 60_000);
  return new TextEncoder().encode([channel, patientId, toBase64Url(nonce), timeOf(issued), timeOf(expires)].join("\n"));
}

/** The text that the QR says, which any hospital's node can check by the patient's own passkey. */
export const packHandle = (bytes: Uint8Array, proof: Schemas["SignedAssertion"]): string =>
  ["hs1", toBase64Url(bytes), proof.credential, proof.authenticatorData, proof.clientDataJSON, proof.signature].join(".");

/** Makes a code that is good from now on, signed by this passkey of the patient. */
export async function signHandle(channel: string, patientId: string, credentialId: string): Promise<string> {
  const { assertWith } = await import("./passkey");
  const bytes = writeHandle(channel, patientId, crypto.getRandomValues(new Uint8Array(16)), new Date());
  return packHandle(bytes, await assertWith(await challengeOf(bytes, "handle"), [credentialId]));
}
