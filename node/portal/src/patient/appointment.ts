import type { TFunction } from "i18next";
import type { Schemas } from "../api/client";
import type { Appointee } from "../signing/appointment-link";
import { timeOf, type Provision, type StatementBodies } from "../signing/statement";
import type { Tokens } from "../signing/tokens";
import type { Category, Label } from "./codes";
import type { Words } from "./words";

export const acts = ["permit", "deny", "revoke", "link"] as const;
export type Act = (typeof acts)[number];
export const isAct = (text: string): text is Act => (acts as readonly string[]).includes(text);

/** The power of who signs in a patient's place. */
export interface OwnPower {
  /** What may be signed; nothing while the power does not stand. */
  acts: readonly Act[];
  /** How far it is; "none" where there is no power that this person may still know of. */
  status: "active" | "waiting" | "incomplete" | "ended" | "none";
  /** From when it counts, where that is a matter of waiting. */
  from?: string | null;
  /** First instant without it. */
  end?: string | null;
  isGuardian: boolean;
}

/** What somebody may sign in a patient's place: what an appointment says, or all of it as a guardian whose waiting time is over. Nothing where neither stands. */
export function powerOf(
  appointed: Pick<Schemas["PatientDelegate"], "scope" | "status" | "end"> | null,
  vouched: Pick<Schemas["VouchedSigner"], "kind" | "status" | "activeFrom" | "end"> | null,
): OwnPower {
  if (appointed) {
    const isActive = appointed.status === "active";
    return {
      acts: isActive ? (appointed.scope as StatementBodies["appointDelegate"]["scope"]).statements.filter(isAct) : [],
      status: isActive ? "active" : "ended", end: appointed.end, isGuardian: false,
    };
  }
  // An objection ends the guardian's session with its block: here it is at most a moment old.
  if (vouched?.kind !== "guardian" || vouched.status === "objected") return { acts: [], status: "none", isGuardian: false };
  const status = vouched.status as Exclude<OwnPower["status"], "none">;
  return { acts: status === "active" ? acts : [], status, from: vouched.activeFrom, end: vouched.end, isGuardian: true };
}

/** What a person may sign in the patient's place, while the patient is still choosing. */
export interface Power {
  acts: Act[];
  /** Permissions for this hospital's readers only; "any" for any; null while nothing is chosen. */
  org: string | null;
  /** Permissions about these kinds only; null for all. */
  categories: Category[] | null;
  /** Sensitive topics that permissions may name; none that is not here. */
  labels: Label[];
  /** Permissions for these purposes only; null for any, research and payment too. */
  purposes: string[] | null;
  /** First instant without the power, as the channel writes it. */
  end: string;
}

/** Beginnings of months in UTC, the next one first, as far ahead as the channel takes them. */
export const endsFrom = (now: Date): string[] =>
  Array.from({ length: 12 }, (_, month) => timeOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + month + 1, 1))));

/** The narrowest that there is, for treatment: whatever goes beyond it, the patient chooses. */
export const narrowest = (ends: readonly string[]): Power => ({ acts: [], org: null, categories: [], labels: [], purposes: ["TREAT"], end: ends[0]! });

/** True once everything is chosen that the power takes. */
export const isWhole = ({ acts: chosen, org, categories, purposes }: Power): boolean =>
  chosen.length > 0 && (!chosen.includes("permit") || (org !== null && categories?.length !== 0 && purposes?.length !== 0));

/** The body to sign; null while nothing is chosen that may be signed. */
export async function appointmentOf(
  who: Appointee, power: Power, site: { rpId: string; origin: string }, tokens: Tokens,
): Promise<StatementBodies["appointDelegate"] | null> {
  if (!isWhole(power)) return null;
  return {
    delegate: who.delegate,
    credentials: [{ credential: who.credential, publicKey: who.publicKey, rpId: site.rpId, origins: [site.origin] }],
    // In the order of the channel's own list, so that equal choices are equal statements.
    scope: { statements: acts.filter((act) => power.acts.includes(act)), limit: power.acts.includes("permit") ? [await limitOf(power, tokens)] : undefined },
    end: power.end,
  };
}

/** What permissions may be about, in words: one for each part of the limit. */
export const limitsOf = (limit: readonly Provision[], t: TFunction, words: Pick<Words, "list" | "member" | "who" | "categories" | "label" | "purpose">): string[] =>
  limit.map((part) => [
    part.who ? words.list(part.who.map((who) => ("org" in who && !who.role && !who.staff ? words.member(who.org) : words.who(who)))) : t("reader.anyHospital"),
    words.categories(part),
    t("helpers.sensitive", { list: part.labels ? words.list(part.labels.map(words.label)) : t("scope.noSensitive") }),
    t("helpers.purposes", { list: part.purpose ? words.list(part.purpose.map(words.purpose)) : t("scope.anyPurpose") }),
  ].join("; "));

// A limit is always given: without one, sensitive topics could be permitted, too.
async function limitOf({ org, categories, labels, purposes }: Power, tokens: Tokens): Promise<Provision> {
  const all = <T extends string>(dimension: "category" | "label", codes: T[]) => codes.length === 0 ? undefined : Promise.all(codes.map((code) => tokens(dimension, code)));
  return { who: org === "any" ? undefined : [{ org: org! }], purpose: purposes ?? undefined, category: await all("category", categories ?? []), labels: await all("label", labels) };
}
