import type { Tokens } from "../signing/tokens";
import { timeOf, type GrantBody, type Provision, type Who } from "../signing/statement";
import { labels, type Category, type Label, type ReaderRole } from "./codes";

export type Preset = "familyDoctor" | "laboratory" | "treatment" | "block" | "custom";

/** A permission (or a refusal) while the patient is still choosing. */
export interface Draft {
  preset: Preset;
  effect: "permit" | "deny";
  /** MSP id; "any" for every hospital; null while nothing is chosen. */
  org: string | null;
  role: ReaderRole | "any";
  purposes: string[];
  /** Null for all kinds. */
  categories: Category[] | null;
  /** Sensitive records that it speaks about, too; none for a refusal means all of them. */
  labels: Label[];
  /** Hospitals whose records it is about; null for all. */
  custodians: string[] | null;
  days: number | null;
  /** Only data from this day on, `2026-01-31`; null for all. */
  dataFrom: string | null;
  uses: number | null;
  /** For a refusal: not even in an emergency. A role and purposes that are chosen beside it do not apply, as isForEmergencies says. */
  neverInEmergencies: boolean;
}

/**
 * True for a refusal that holds in an emergency, too. It names neither a role nor a purpose: an emergency session has ones of its own, which
 * it would not match, and so it would keep out nobody in an emergency.
 */
export const isForEmergencies = ({ effect, neverInEmergencies }: Pick<Draft, "effect" | "neverInEmergencies">): boolean =>
  effect === "deny" && neverInEmergencies;

const plain: Omit<Draft, "preset"> = {
  effect: "permit", org: null, role: "any", purposes: ["TREAT"], categories: null, labels: [], custodians: null, days: 30, dataFrom: null, uses: null,
  neverInEmergencies: false,
};

export const presets: Record<Preset, Draft> = {
  familyDoctor: { ...plain, preset: "familyDoctor", role: "physician", labels: [...labels], days: 365 },
  laboratory: { ...plain, preset: "laboratory", role: "any", categories: ["laboratory", "observation"], days: 30 },
  treatment: { ...plain, preset: "treatment", days: 30 },
  block: { ...plain, preset: "block", effect: "deny", purposes: [], days: null },
  custom: { ...plain, preset: "custom", role: "physician", days: 90 },
};

/** The body to sign, or null while something is missing. */
export async function bodyOf(draft: Draft, tokens: Tokens, now: Date): Promise<GrantBody | null> {
  if (!draft.org || draft.categories?.length === 0 || draft.custodians?.length === 0 || (draft.effect === "permit" && draft.purposes.length === 0)) return null;
  const isNever = isForEmergencies(draft);
  const who: Who = draft.org === "any" ? { anyHospital: true }
    : draft.role === "any" || isNever ? { org: draft.org } : { org: draft.org, role: draft.role };
  const base: Provision = {
    who: [who],
    purpose: draft.purposes.length > 0 && !isNever ? draft.purposes : undefined,
    category: draft.categories ? await Promise.all(draft.categories.map((code) => tokens("category", code))) : undefined,
    custodians: draft.custodians ?? undefined,
    dataPeriod: draft.dataFrom ? { start: `${draft.dataFrom}T00:00:00Z` } : undefined,
  };
  const named = await Promise.all(draft.labels.map((code) => tokens("label", code)));
  return {
    effect: draft.effect,
    scope: scopeOf(draft.effect, base, named),
    period: { start: timeOf(now), end: draft.days === null ? undefined : timeOf(new Date(now.getTime() + draft.days * 86_400_000)) },
    uses: draft.effect === "permit" && draft.uses !== null ? draft.uses : undefined,
    emergency: isNever ? "never" : undefined,
  };
}

// A permit without labels reaches no sensitive record, one with labels no other: to reach both takes two parts. A refusal without
// labels reaches everything, one with labels the records that carry any of them.
function scopeOf(effect: "permit" | "deny", base: Provision, named: string[]): Provision[] {
  if (named.length === 0) return [base];
  return effect === "permit" ? [base, { ...base, labels: named }] : [{ ...base, labels: named }];
}

/** What a preview's answer depends on: the times themselves move with the clock, and would ask anew each second. */
export function askedOf({ period, ...rest }: GrantBody): [rest: Omit<GrantBody, "period">, days: number | null] {
  const days = lengthOf(period);
  return [rest, Number.isFinite(days) ? days : null];
}

/** Length in days; infinite where there is no end. */
const lengthOf = ({ start, end }: GrantBody["period"]) => (end ? (Date.parse(end) - Date.parse(start)) / 86_400_000 : Infinity);

/** True for a permission so wide that it waits until it counts, by the channel's own rule. */
export function isBroad(body: GrantBody, broadDays: number): boolean {
  if (body.effect !== "permit") return false;
  return lengthOf(body.period) > broadDays || body.scope.some((part) => part.labels || !part.who || part.who.some((who) => "anyHospital" in who));
}
