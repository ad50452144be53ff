import type { TFunction } from "i18next";
import type { GrantBody, Provision } from "../signing/statement";
import type { Words } from "./words";

/** One part of a grant in words, with what is taken out of it. */
export interface Part {
  facts: (readonly [name: string, text: string])[];
  except: Part[];
}

type PartWords = Pick<Words, "list" | "who" | "category" | "label" | "purpose" | "member" | "confidentiality" | "date"> & {
  /** What a single record is. */
  record(recordId: string): string;
};

/** Every part of a grant with every dimension that it names. Readers stand in a part only where parts differ: else they are the grant's own. */
export function partsOf(body: GrantBody, t: TFunction, words: PartWords): Part[] {
  const widens = body.effect === "permit";
  const scope = widens ? joined(body.scope) : body.scope.map((part) => ({ part, isJoined: false }));
  return scope.map(({ part, isJoined }) => partOf(part, { widens, isJoined, withReaders: scope.length > 1 }, t, words));
}

/** Everyone whom a grant names, in words. */
export const readersOf = (body: GrantBody, t: TFunction, words: Pick<Words, "who">): string[] =>
  [...new Set(body.scope.flatMap((part) => part.who?.map(words.who) ?? [t("reader.anyone")]))];

/** True where a grant names single records, in an exception or not. */
export const namesRecords = (scope: readonly Provision[]): boolean => scope.some((part) => part.records !== undefined || namesRecords(part.except ?? []));

interface PartKind {
  /** True where a match lets more be read: in a permit, and in an exception of a refusal. */
  widens: boolean;
  /** True where it stands for an equal part without labels as well. */
  isJoined: boolean;
  withReaders: boolean;
}

function partOf(part: Provision, { widens, isJoined, withReaders }: PartKind, t: TFunction, words: PartWords): Part {
  const all = (entries: string[] | undefined, word: (entry: string) => string) => entries && words.list(entries.map(word));
  const labels = all(part.labels, words.label);
  const what = [all(part.category, words.category), part.records && `${t("scope.records", { count: part.records.length })}: ${words.list(part.records.map(words.record))}`];
  const facts = [
    withReaders && [t("scope.who"), part.who ? words.list(part.who.map(words.who)) : t("reader.anyone")],
    // Both given, both must fit.
    [t("scope.what"), what.filter(Boolean).join("; ") || t("scope.everything")],
    // Records with labels are reached only by a part that names them where that widens, and by every part that does not where it narrows.
    labels ? [t("scope.sensitive"), isJoined ? labels : t("scope.onlySensitive", { list: labels })] : widens && [t("scope.sensitive"), t("scope.noSensitive")],
    part.confidentiality && [t("scope.confidentiality"), words.list(part.confidentiality.map(words.confidentiality))],
    part.custodians && [t("scope.from"), words.list(part.custodians.map(words.member))],
    part.authors && [t("scope.authors"), t("scope.unnamed", { count: part.authors.length })],
    part.encounters && [t("scope.encounters"), t("scope.unnamed", { count: part.encounters.length })],
    [t("scope.why"), all(part.purpose, words.purpose) ?? t("scope.anyPurpose")],
    part.dataPeriod?.start && [t("scope.since"), words.date(part.dataPeriod.start)],
    part.dataPeriod?.end && [t("scope.before"), words.date(part.dataPeriod.end)],
  ].filter((fact) => !!fact) as [string, string][];
  return {
    facts,
    except: (part.except ?? []).map((exception) => partOf(exception, { widens: !widens, isJoined: false, withReaders: exception.who !== undefined }, t, words)),
  };
}

// A permit reaches what is sensitive and what is not by two parts that differ in nothing else: to people they are one.
function joined(scope: Provision[]): { part: Provision; isJoined: boolean }[] {
  const plain = ({ labels: _, ...rest }: Provision) => JSON.stringify(Object.entries(rest).sort());
  const isWithout = (part: Provision) => part.labels === undefined;
  const withLabels = new Set(scope.filter((part) => !isWithout(part)).map(plain));
  const without = new Set(scope.filter(isWithout).map(plain));
  return scope.filter((part) => !isWithout(part) || !withLabels.has(plain(part)))
    .map((part) => ({ part, isJoined: !isWithout(part) && without.has(plain(part)) }));
}
