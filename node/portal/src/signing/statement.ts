import type { Schemas } from "../api/client";
import { toBase64Url } from "./base64url";
import { canonicalize, type Json } from "./canonical";
import { newId } from "./ids";

/** A reader as a statement names one. */
export type Who = { org: string; role?: string; staff?: string } | { anyHospital: true };

/** Part of a scope: each dimension that is given must match, within one any entry. */
export interface Provision {
  who?: Who[];
  purpose?: string[];
  category?: string[];
  labels?: string[];
  confidentiality?: string[];
  records?: string[];
  authors?: string[];
  encounters?: string[];
  custodians?: string[];
  dataPeriod?: { start?: string; end?: string };
  except?: Provision[];
}

export interface GrantBody {
  effect: "permit" | "deny";
  scope: Provision[];
  period: { start: string; end?: string };
  uses?: number;
  emergency?: "never";
  replaces?: string;
}

/** What a patient may sign here, with the body that belongs to it. */
export interface StatementBodies {
  grant: GrantBody;
  revoke: { statement: string };
  link: { member: string };
  addCredential: { credential: string; publicKey: string; rpId: string; origins: string[] };
  revokeCredential: { credential: string };
  appointDelegate: {
    delegate: string;
    credentials: { credential: string; publicKey: string; rpId: string; origins: string[] }[];
    scope: { statements: string[]; limit?: Provision[] };
    end: string;
  };
  revokeDelegate: { delegate: string };
  confirm: { statements: string[] };
}

export interface Signer {
  channel: string;
  patientId: string;
  credentialId: string;
  delegateId?: string;
}

/** A time as the channel writes it: UTC with whole seconds. */
export const timeOf = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** The canonical bytes of a statement that is issued now. */
export function writeStatement<T extends keyof StatementBodies>(
  type: T, body: StatementBodies[T], signer: Signer, id = newId("st"), issued = new Date(),
): { id: string; bytes: Uint8Array<ArrayBuffer> } {
  const statement = {
    v: 1, type, channel: signer.channel, id, patient: signer.patientId,
    signer: { credential: signer.credentialId, delegate: signer.delegateId },
    issued: timeOf(issued), body: body as unknown as Json,
  };
  return { id, bytes: new TextEncoder().encode(canonicalize(statement)) };
}

/** Has the person sign the bytes of a statement with the passkey named in it. */
export async function signBytes(
  bytes: Uint8Array<ArrayBuffer>, credentialId: string, kind: "statement" | "emergency" = "statement",
): Promise<Schemas["SignedAssertion"]> {
  const { assertWith } = await import("./passkey");
  return assertWith(await challengeOf(bytes, kind), [credentialId]);
}

/** Writes, has signed and packs a statement as the API takes it. */
export async function signStatement<T extends keyof StatementBodies>(
  type: T, body: StatementBodies[T], signer: Signer,
): Promise<{ id: string; signed: Schemas["SignedStatement"] }> {
  const { id, bytes } = writeStatement(type, body, signer);
  return { id, signed: { statement: toBase64Url(bytes), assertion: await signBytes(bytes, signer.credentialId) } };
}

/** What a passkey signs for these bytes: one prefix for each kind, so that no signature passes for another kind's. */
export async function challengeOf(bytes: Uint8Array, kind: "statement" | "emergency" | "handle"): Promise<Uint8Array<ArrayBuffer>> {
  const prefix = new TextEncoder().encode(`healthshare-${kind}-v1\n`);
  const all = new Uint8Array(prefix.length + bytes.length);
  all.set(prefix);
  all.set(bytes, prefix.length);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}
