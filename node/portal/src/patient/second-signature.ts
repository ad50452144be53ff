import type { Schemas } from "../api/client";

type Credential = Schemas["PatientCredential"];

/** Where a waiting permit can be signed a second time, or why it cannot. */
export type SecondSignature =
  /** Here: this portal is another hospital's than the one that brought the permit, and the passkey is of this site. */
  | { by: "here"; credentialId: string }
  /** At a site that a regulator runs. */
  | { by: "site"; site: string; credentialId: string }
  /** At another hospital's portal. */
  | { by: "elsewhere"; origin: string }
  /** A passkey is there, and too new until then. */
  | { by: "later"; from: Date }
  | { by: "nobody" };

export interface Place {
  origin: string;
  /** MSP id of the member whose portal this is. */
  member: string;
  /** Origins of regulators' pages that sign. */
  sites: readonly string[];
  /** How long a passkey must have been the patient's, by the channel's settings. */
  waitHours: number;
}

/**
 * The channel takes a second signature from a passkey of another site that another member brought, than brought the permit and the passkey
 * that signed it first, once that one has been the patient's for the waiting time; and through another member's node.
 */
export function secondSignatureOf(
  consent: Pick<Schemas["Consent"], "credential" | "relayedBy">, credentials: readonly Credential[], { origin, member, sites, waitHours }: Place, now: Date,
): SecondSignature {
  const signer = credentials.find((entry) => entry.credentialId === consent.credential);
  if (!signer) return { by: "nobody" };
  const able = credentials.filter((entry) => !entry.revokedAt && areIndependent(signer.rpId, entry.rpId)
    && entry.addedBy !== signer.addedBy && entry.addedBy !== consent.relayedBy);
  const ageOf = (entry: Credential) => new Date(Date.parse(entry.addedAt) + waitHours * 3_600_000);
  const ready = able.filter((entry) => ageOf(entry) <= now);
  const here = member === consent.relayedBy ? undefined : ready.find((entry) => entry.origins.includes(origin));
  if (here) return { by: "here", credentialId: here.credentialId };
  for (const entry of ready) {
    const site = sites.find((one) => entry.origins.includes(one));
    if (site) return { by: "site", site, credentialId: entry.credentialId };
  }
  const elsewhere = ready.flatMap((entry) => entry.origins).find((one) => one !== origin);
  if (elsewhere) return { by: "elsewhere", origin: elsewhere };
  const [soonest] = able.map(ageOf).filter((from) => from > now).sort((left, right) => left.getTime() - right.getTime());
  return soonest ? { by: "later", from: soonest } : { by: "nobody" };
}

/**
 * Where a second passkey can be made that serves for permits given elsewhere: at a regulator's site where this member has brought none yet. One
 * that another member brought serves for this member's permits, and none of that other's.
 */
export function secondKeySiteOf(credentials: readonly Credential[], sites: readonly string[], member: string): string | undefined {
  const has = credentials.some((entry) => !entry.revokedAt && entry.addedBy === member && sites.some((site) => entry.origins.includes(site)));
  return has ? undefined : sites[0];
}

// As the channel tells sites apart: by the last two parts of their names.
function areIndependent(rpId: string, other: string): boolean {
  const site = (name: string) => name.split(".").slice(-2).join(".");
  return site(rpId) !== site(other) && !rpId.endsWith(`.${other}`) && !other.endsWith(`.${rpId}`);
}
