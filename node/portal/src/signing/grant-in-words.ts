import { fromBase64Url } from "./base64url";
import { canonicalize, type Json } from "./canonical";
import type { GrantBody, Provision, Who } from "./statement";

/** What a permit says, as far as a site can read it that knows nothing of the patient: kinds of records stand in it as tokens. */
export interface GrantInWords {
  readers: ({ member: string; role?: string; staff?: boolean } | "anyHospital" | "anyone")[];
  purposes: string[] | null;
  kinds: number | null;
  sensitive: number;
  start: string;
  end: string | null;
  uses: number | null;
  /** It ends another grant, which may be a refusal. */
  replaces: boolean;
  /** Limits that have no words here make it narrower still. */
  narrowed: boolean;
}

// Every member that a permit of the channel can have. One that is not here would be signed unread.
const members = {
  statement: ["v", "type", "channel", "id", "patient", "signer", "issued", "body"],
  signer: ["credential"],
  body: ["effect", "scope", "period", "uses", "replaces"],
  period: ["start", "end"],
  who: ["org", "role", "staff", "anyHospital"],
  provision: ["who", "purpose", "category", "labels", "confidentiality", "records", "authors", "encounters", "custodians", "dataPeriod", "except"],
};
const unworded = ["confidentiality", "authors", "encounters", "custodians", "dataPeriod", "except"];

/** Reads a permit of the patient's own from the bytes that are to be signed; null for anything else, and for what has a member that is not known here. */
export function readGrant(statement: string): GrantInWords | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromBase64Url(statement));
    const all = JSON.parse(text) as Json;
    // The channel takes the canonical form only, in which no name stands twice.
    if (canonicalize(all) !== text) return null;
    const { v, type, signer, body } = only(all, members.statement) as { v: number; type: string; signer: Json; body: Json };
    only(signer, members.signer); // a delegate's permit takes no second signature
    const grant = only(body, members.body) as unknown as GrantBody;
    if (v !== 1 || type !== "grant" || grant.effect !== "permit" || grant.scope.length === 0) return null;
    only(grant.period as Json, members.period);
    if ([grant.period.start, grant.period.end ?? grant.period.start].some((time) => Number.isNaN(Date.parse(time)))) return null;
    grant.scope.forEach(checkProvision);
    return wordsOf(grant);
  } catch {
    return null; // not what a portal of this channel writes
  }
}

/** True where a grant has no member that the portal has no words for: who signs about another would not know what it says. */
export function isWhollyKnown(grant: unknown): boolean {
  try {
    const { period, scope } = only(grant as Json, [...members.body, "emergency"]) as unknown as GrantBody;
    only(period as Json, members.period);
    scope.forEach(checkProvision);
    return true;
  } catch {
    return false;
  }
}

function wordsOf({ scope, period, uses, replaces }: GrantBody): GrantInWords {
  const listed = <T>(pick: (part: Provision) => T[] | undefined): T[] | null => {
    const found = scope.map(pick);
    return found.some((list) => list === undefined) ? null : [...new Map(found.flatMap((list) => list!).map((one) => [JSON.stringify(one), one])).values()];
  };
  return {
    readers: listed((part) => part.who)?.map(readerOf) ?? ["anyone"],
    purposes: listed((part) => part.purpose), kinds: listed((part) => part.category ?? part.records)?.length ?? null,
    sensitive: new Set(scope.flatMap((part) => part.labels ?? [])).size,
    start: period.start, end: period.end ?? null, uses: uses ?? null, replaces: replaces !== undefined,
    narrowed: scope.some((part) => unworded.some((name) => name in part) || (part.category && part.records)),
  };
}

const readerOf = (who: Who): GrantInWords["readers"][number] =>
  "anyHospital" in who ? "anyHospital" : { member: who.org, ...(who.role && { role: who.role }), ...(who.staff && { staff: true }) };

function checkProvision(part: Provision): void {
  only(part as unknown as Json, members.provision);
  part.who?.forEach((who) => only(who as Json, members.who));
  if (part.dataPeriod) only(part.dataPeriod as Json, members.period);
  part.except?.forEach(checkProvision);
}

function only(value: Json | undefined, names: string[]): Record<string, Json> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("This is no object.");
  const strange = Object.keys(value).find((name) => !names.includes(name));
  if (strange !== undefined) throw new TypeError(`${strange} is not known here.`);
  return value as Record<string, Json>;
}
