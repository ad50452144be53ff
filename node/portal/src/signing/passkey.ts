import type { Schemas } from "../api/client";
import { fromBase64Url, toBase64Url } from "./base64url";

/** The person's device gave no signature: dismissed, timed out, or no passkey of this site on it. */
export class PasskeyError extends Error {
  readonly reason: "dismissed" | "unsupported" | "known" | "noCredential" | "sameKey" | "failed";
  constructor(reason: PasskeyError["reason"], options?: ErrorOptions) {
    super(`passkey.${reason}`, options);
    this.name = "PasskeyError";
    this.reason = reason;
  }
}

type CredentialJson = Record<string, unknown>;

/** Signs in: an assertion of any passkey of this site, by options of the node. */
export async function getPasskey(options: PublicKeyCredentialRequestOptionsJSON): Promise<CredentialJson> {
  const credential = await ceremony(() => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));
  return credential.toJSON() as CredentialJson;
}

/** Makes a new passkey, by options of the node. */
export async function createPasskey(options: PublicKeyCredentialCreationOptionsJSON): Promise<CredentialJson> {
  const credential = await ceremony(() => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }));
  return credential.toJSON() as CredentialJson;
}

/** An assertion over a challenge of our own, by one of these credentials. */
export async function assertWith(challenge: Uint8Array<ArrayBuffer>, credentialIds: string[]): Promise<Schemas["SignedAssertion"]> {
  const credential = await ceremony(() => navigator.credentials.get({
    publicKey: {
      challenge, rpId: location.hostname, userVerification: "required", timeout: 120_000,
      allowCredentials: credentialIds.map((id) => ({ type: "public-key", id: fromBase64Url(id) })),
    },
  }));
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    credential: toBase64Url(credential.rawId),
    authenticatorData: toBase64Url(response.authenticatorData),
    clientDataJSON: toBase64Url(response.clientDataJSON),
    signature: toBase64Url(response.signature),
  };
}

async function ceremony(run: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (typeof PublicKeyCredential === "undefined" || !PublicKeyCredential.parseRequestOptionsFromJSON) throw new PasskeyError("unsupported");
  try {
    const credential = await run();
    if (credential instanceof PublicKeyCredential) return credential;
    throw new PasskeyError("failed");
  } catch (error) {
    if (error instanceof PasskeyError) throw error;
    const name = error instanceof DOMException ? error.name : "";
    throw new PasskeyError(
      name === "NotAllowedError" || name === "AbortError" ? "dismissed" : name === "InvalidStateError" ? "known" : "failed", { cause: error });
  }
}
