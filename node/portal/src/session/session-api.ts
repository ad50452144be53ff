import { ask, type Schemas } from "../api/client";
import { everyPage } from "../api/pages";
import { publicKeyOf } from "../signing/appointment-link";
import { createPasskey, getPasskey } from "../signing/passkey";

export type Role =
  | "patient" | "delegate" | "physician" | "nurse" | "pharmacist" | "registrar" | "researcher" | "privacyOfficer" | "itAdministrator" | "auditor" | "system";

/** Who is signed in here. */
export interface Session {
  name: string;
  role: Role;
  staffId?: string | null;
  patientId?: string | null;
  delegateId?: string | null;
  organization: { mspId: string; kind: "hospital" | "regulator"; displayName?: string | null };
  channel: string;
  expiresAt: string;
  stepUpUntil?: string | null;
  credentialId: string;
}

/** A place where the same person is signed in. */
export interface SessionEntry {
  id: string;
  current: boolean;
  createdAt: string;
  lastSeenAt: string;
  expiresAt: string;
  userAgent?: string | null;
}

/** What a one-time link is for. */
export interface Enrolment {
  displayName: string;
  role: Role;
  organization: { mspId: string; displayName?: string | null } | string;
  options: PublicKeyCredentialCreationOptionsJSON;
}

const root = "/api/v1";

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await ask(`${location.origin}${root}/${path}`, {
    method, headers: body === undefined ? {} : { "Content-Type": "application/json" }, body: body === undefined ? null : JSON.stringify(body),
  });
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

const after = (cursor?: string) => (cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`);

export const readSession = (): Promise<Session> => call("GET", "session");
export const signOut = (): Promise<void> => call("DELETE", "session");
export const listSessions = (): Promise<SessionEntry[]> => everyPage((cursor) => call<{ items: SessionEntry[]; next?: string | null }>("GET", `sessions${after(cursor)}`));
export const endSession = (id: string): Promise<void> => call("DELETE", `sessions/${encodeURIComponent(id)}`);

/** Signs in with whichever passkey of this site the person picks. */
export async function signIn(): Promise<Session> {
  const options = await call<PublicKeyCredentialRequestOptionsJSON>("POST", "session/options");
  return call("POST", "session", { credential: await getPasskey(options) });
}

/** A fresh signature for what needs one. */
export async function stepUp(): Promise<Session> {
  const options = await call<PublicKeyCredentialRequestOptionsJSON>("POST", "session/step-up/options");
  return call("POST", "session/step-up", { credential: await getPasskey(options) });
}

export const openEnrolment = (token: string): Promise<Enrolment> => call("POST", "enrolments/options", { token });

/** Makes the passkey that a one-time link is for, and signs in with it. */
export async function enrol(token: string, enrolment: Enrolment): Promise<{ session: Session; publicKey: string | null }> {
  const credential = await createPasskey(enrolment.options);
  const { authenticatorData } = credential.response as { authenticatorData: string };
  return { session: await call<Session>("POST", "enrolments", { token, credential }), publicKey: publicKeyOf(authenticatorData) };
}

/** On a regulator's own site: the portals that it hands passkeys to, and a new passkey, of which its node keeps nothing. */
export const secondKeyOrigins = (): Promise<{ items: string[] }> => call("GET", "second-keys/origins");

export async function makeSecondKey(): Promise<Schemas["Credential"]> {
  const options = await call<PublicKeyCredentialCreationOptionsJSON>("POST", "second-keys/options", {});
  return call("POST", "second-keys", { credential: await createPasskey(options) });
}

/** On a regulator's own site: brings a second signature under a broad permit to the channel; its node knows the patient by that signature alone. */
export const bringCoSignature = (signed: Schemas["SignedStatement"]): Promise<void> => call("POST", "second-keys/co-signatures", signed);

export interface Invitation {
  id: string;
  link?: string;
  role?: Role;
  displayName?: string;
  expiresAt: string;
  createdAt?: string;
  usedAt?: string | null;
}

export interface NewInvitation {
  role: Role;
  displayName: string;
  staffId?: string;
  patientId?: string;
  delegateId?: string;
}

export const invite = (invitation: NewInvitation): Promise<Invitation & { link: string }> => call("POST", "invitations", invitation);
export const listInvitations = (cursor?: string): Promise<{ items: Invitation[]; next?: string | null }> => call("GET", `invitations${after(cursor)}`);
export const withdrawInvitation = (id: string): Promise<void> => call("DELETE", `invitations/${encodeURIComponent(id)}`);
