import i18n from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import en from "../src/i18n/en";
import { namesRecords, partsOf, readersOf, type Part } from "../src/patient/scope";
import { isWhollyKnown } from "../src/signing/grant-in-words";
import type { GrantBody, Provision, Who } from "../src/signing/statement";

const who = (reader: Who) => ("org" in reader ? `${reader.role ?? "everyone"} at ${reader.org}` : "any hospital");
const same = (text: string) => text;
const words = { list: (all: string[]) => all.join(" and "), who, category: same, label: same, purpose: same, member: same, confidentiality: same, record: same, date: (time: string | Date) => String(time).slice(0, 10) };
const grant = (effect: GrantBody["effect"], ...scope: Provision[]): GrantBody => ({ effect, scope, period: { start: "2026-03-01T08:00:00Z" } });
const parts = (body: GrantBody): Part[] => partsOf(body, i18n.t, words);
const told = (part: Part) => Object.fromEntries(part.facts);

beforeAll(() => i18n.init({ lng: "en", resources: { en: { translation: en } }, interpolation: { escapeValue: false } }));

describe("a grant in words", () => {
  it("says every part with its own readers, kinds and purposes", () => {
    const [first, second, third] = parts(grant("permit",
      { who: [{ org: "South", role: "physician" }], purpose: ["TREAT"], category: ["laboratory"] },
      { who: [{ org: "South", role: "physician" }] },
      { who: [{ org: "East" }], purpose: ["HRESCH"], category: ["imaging"] }));
    expect(told(first!)).toEqual({ Who: "physician at South", What: "laboratory", Sensitive: "not included", "What for": "TREAT" });
    expect(told(second!)).toEqual({ Who: "physician at South", What: "everything", Sensitive: "not included", "What for": "any purpose, research and payment too" });
    expect(told(third!)).toEqual({ Who: "everyone at East", What: "imaging", Sensitive: "not included", "What for": "HRESCH" });
  });

  it("says every dimension", () => {
    const [part] = parts(grant("permit", {
      category: ["imaging"], records: ["rc-a", "rc-b"], labels: ["HIV"], confidentiality: ["U", "N"], custodians: ["North"], authors: ["t1"], encounters: ["t2", "t3"],
      dataPeriod: { start: "2026-01-01T00:00:00Z", end: "2026-02-01T00:00:00Z" },
    }));
    expect(told(part!)).toEqual({
      What: "imaging; 2 single records: rc-a and rc-b", Sensitive: "only records about: HIV", Confidentiality: "U and N", "Held by": "North",
      "Written by": "only 1, which this page cannot name", "From visits": "only 2, which this page cannot name", "What for": "any purpose, research and payment too",
      "Data from": "2026-01-01", "Data before": "2026-02-01",
    });
  });

  it("says what is taken out of a part, and out of that", () => {
    const [part] = parts(grant("deny", { except: [{ category: ["laboratory"], who: [{ org: "East" }], except: [{ labels: ["HIV"] }] }] }));
    expect(told(part!)).toEqual({ What: "everything", "What for": "any purpose, research and payment too" });
    const [exception] = part!.except;
    // Of a refusal an exception gives back, and only what it names in full.
    expect(told(exception!)).toMatchObject({ Who: "everyone at East", What: "laboratory", Sensitive: "not included" });
    expect(told(exception!.except[0]!)).toMatchObject({ What: "everything", Sensitive: "only records about: HIV" });
    const [permitted] = parts(grant("permit", { except: [{ category: ["imaging"] }] }));
    expect(told(permitted!.except[0]!)).not.toHaveProperty("Sensitive"); // taken out whatever it is about
  });

  it("joins two parts of a permit that differ in being sensitive only, and no others", () => {
    const base: Provision = { who: [{ org: "South" }], purpose: ["TREAT"] };
    const all = parts(grant("permit", base, { ...base, labels: ["HIV", "PSY"] }));
    expect(all.map(told)).toEqual([{ What: "everything", Sensitive: "HIV and PSY", "What for": "TREAT" }]);
    expect(parts(grant("permit", base, { ...base, purpose: ["HRESCH"], labels: ["HIV"] })).map((part) => told(part).Sensitive)).toEqual(["not included", "only records about: HIV"]);
    expect(parts(grant("deny", base, { ...base, labels: ["HIV"] }))).toHaveLength(2);
  });

  it("names its readers once, and anyone where a part names none", () => {
    expect(readersOf(grant("permit", { who: [{ org: "South" }] }, { who: [{ org: "South" }, { anyHospital: true }] }, {}), i18n.t, words))
      .toEqual(["everyone at South", "any hospital", "anyone"]);
  });

  it("asks what single records are where an exception names them, too", () => {
    expect(namesRecords([{ except: [{ except: [{ records: ["rc-a"] }] }] }])).toBe(true);
    expect(namesRecords([{ category: ["imaging"] }])).toBe(false);
  });
});

describe("a grant that says more than the portal has words for", () => {
  const known = grant("deny", { who: [{ org: "South" }], except: [{ labels: ["HIV"] }] });

  it("is told from one that does not", () => {
    expect(isWhollyKnown({ ...known, emergency: "never", replaces: "st-a" })).toBe(true);
    for (const more of [
      { ...known, weather: "fine" }, { ...known, period: { ...known.period, days: 3 } }, grant("permit", { devices: ["x"] } as Provision),
      grant("permit", { who: [{ careTeam: "x" } as unknown as Who] }), grant("permit", { except: [{ who: [{ study: "x" } as unknown as Who] }] }),
    ]) expect(isWhollyKnown(more), JSON.stringify(more)).toBe(false);
    expect(isWhollyKnown(null)).toBe(false);
  });
});
