import i18n from "i18next";
import { describe, expect, it } from "vitest";
import en from "../src/i18n/en";
import { appointmentOf, endsFrom, isWhole, limitsOf, narrowest, powerOf, type Power } from "../src/patient/appointment";
import { appointmentLink, publicKeyOf, readAppointment } from "../src/signing/appointment-link";
import { toBase64Url } from "../src/signing/base64url";

const origin = "https://north.example";
const cose = new Uint8Array(77).fill(7);
cose.set([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
cose.set([0x22, 0x58, 0x20], 42);
const who = { delegate: "dg-gezdgnbvgy3tqojqgezdgnbvgy", credential: "AQID", publicKey: toBase64Url(cose) };

describe("the link that a helper shows", () => {
  it("says whose passkey, whole or by the part behind the #", () => {
    const link = appointmentLink(origin, who);
    expect(readAppointment(link, origin)).toEqual(who);
    expect(readAppointment(` ${link}\n`, origin)).toEqual(who);
    expect(readAppointment(link.split("#")[1]!, origin)).toEqual(who);
  });

  it.each([
    ["nothing", ""], ["a word", "helper"], ["another site's", appointmentLink("https://south.example", who)],
    ["another page's", `${origin}/enrol#${who.delegate}.${who.credential}.${who.publicKey}`],
    ["another kind of id", appointmentLink(origin, { ...who, delegate: "pt-gezdgnbvgy3tqojqgezdgnbvgy" })],
    ["no credential", appointmentLink(origin, { ...who, credential: "" })],
    ["a credential too long", appointmentLink(origin, { ...who, credential: toBase64Url(new Uint8Array(1024)) })],
    ["no base64url", appointmentLink(origin, { ...who, credential: "%%" })],
    ["a short key", appointmentLink(origin, { ...who, publicKey: toBase64Url(cose.slice(1)) })],
    ["a key of another kind", appointmentLink(origin, { ...who, publicKey: toBase64Url(cose.map((byte, at) => (at === 4 ? 0x27 : byte))) })],
    ["more than it should", `${appointmentLink(origin, who)}.x`],
  ])("is no link: %s", (_, text) => expect(readAppointment(text, origin)).toBeNull());

  it("takes the key from what the new passkey states about itself", () => {
    const data = (flags: number, id = [1, 2, 3]) => toBase64Url(new Uint8Array([...new Uint8Array(32), flags, 0, 0, 0, 0, ...new Uint8Array(16), 0, id.length, ...id, ...cose]));
    expect(publicKeyOf(data(0x45))).toBe(who.publicKey);
    expect(publicKeyOf(data(0x05))).toBeNull(); // it states no key
    expect(publicKeyOf(data(0xc5))).toBeNull(); // something follows the key
    expect(publicKeyOf(toBase64Url(new Uint8Array(37)))).toBeNull();
  });
});

describe("an appointment", () => {
  const power: Power = { acts: ["revoke", "permit"], org: "any", categories: null, labels: [], purposes: null, end: "2027-01-01T00:00:00Z" };
  const site = { rpId: "north.example", origin };
  const tokens = (dimension: string, code: string) => Promise.resolve(`${dimension}:${code}`);

  it("pins the passkey and limits permissions, never leaving sensitive topics open", async () => {
    expect(await appointmentOf(who, power, site, tokens)).toEqual({
      delegate: who.delegate, credentials: [{ credential: "AQID", publicKey: who.publicKey, rpId: "north.example", origins: [origin] }],
      scope: { statements: ["permit", "revoke"], limit: [{}] }, end: power.end,
    });
    const narrow = await appointmentOf(who, { ...power, org: "SouthMSP", categories: ["laboratory"], labels: ["HIV"], purposes: ["TREAT"] }, site, tokens);
    expect(narrow?.scope.limit).toEqual([{ who: [{ org: "SouthMSP" }], purpose: ["TREAT"], category: ["category:laboratory"], labels: ["label:HIV"] }]);
  });

  it("says for which purposes permissions may be, and that they may be for any where it does not limit them", async () => {
    await i18n.init({ lng: "en", resources: { en: { translation: en } }, interpolation: { escapeValue: false } });
    const same = (text: string) => text;
    const words = { list: (all: string[]) => all.join(" and "), member: same, who: () => "somebody", categories: () => "everything", label: same, purpose: same };
    expect(limitsOf([{ who: [{ org: "South" }], purpose: ["TREAT", "COC"] }], i18n.t, words)).toEqual(["South; everything; sensitive: not included; for: TREAT and COC"]);
    expect(limitsOf([{ labels: ["HIV"] }], i18n.t, words)).toEqual(["any hospital; everything; sensitive: HIV; for: any purpose, research and payment too"]);
  });

  it("has no limit where nothing may be permitted, and is none where nothing may be signed", async () => {
    expect((await appointmentOf(who, { ...power, acts: ["deny"] }, site, tokens))?.scope).toEqual({ statements: ["deny"], limit: undefined });
    expect(await appointmentOf(who, { ...power, acts: [] }, site, tokens)).toBeNull();
  });

  it("begins with nothing at all until the next month, and is not whole before hospital and kinds are chosen for permissions", async () => {
    const first = narrowest(endsFrom(new Date("2026-11-22T02:00:00Z")));
    expect(first).toEqual({ acts: [], org: null, categories: [], labels: [], purposes: ["TREAT"], end: "2026-12-01T00:00:00Z" });
    const steps = [first, { ...first, acts: ["permit" as const] }, { ...first, acts: ["permit" as const], org: "SouthMSP" }];
    for (const step of steps) expect(await appointmentOf(who, step, site, tokens)).toBeNull();
    expect(isWhole({ ...steps[2]!, categories: ["laboratory"] })).toBe(true);
    expect(isWhole({ ...steps[2]!, categories: ["laboratory"], purposes: [] })).toBe(false);
    expect(isWhole({ ...steps[2]!, categories: ["laboratory"], purposes: null })).toBe(true);
    expect(isWhole({ ...first, acts: ["revoke"] })).toBe(true);
  });

  it("lets its holder do what it says and no more, until it ends", () => {
    const appointed = { scope: { statements: ["revoke", "confirm"] }, status: "active", end: power.end };
    expect(powerOf(appointed, null)).toEqual({ acts: ["revoke"], status: "active", end: power.end, isGuardian: false });
    for (const status of ["ended", "revoked"]) expect(powerOf({ ...appointed, status }, null)).toMatchObject({ acts: [], status: "ended" });
  });

  it("is not needed by a guardian, who signs all of it while hospitals' word counts and nothing before or after", () => {
    const vouched = { kind: "guardian", status: "active", activeFrom: "2026-12-04T08:00:00Z", end: power.end };
    expect(powerOf(null, vouched)).toEqual({ acts: ["permit", "deny", "revoke", "link"], status: "active", from: vouched.activeFrom, end: power.end, isGuardian: true });
    for (const status of ["waiting", "incomplete", "ended"]) expect(powerOf(null, { ...vouched, status })).toMatchObject({ acts: [], status });
    expect(powerOf(null, { ...vouched, status: "objected" })).toEqual({ acts: [], status: "none", isGuardian: false });
  });

  it("gives nothing to who has neither: a helper whose power is over is no guardian", () => {
    expect(powerOf(null, null)).toEqual({ acts: [], status: "none", isGuardian: false });
    expect(powerOf(null, { kind: "credential", status: "active", activeFrom: "2026-12-04T08:00:00Z", end: power.end }).acts).toEqual([]);
  });

  it("ends with a month, a year ahead at the latest", () => {
    const ends = endsFrom(new Date("2026-11-22T02:00:00Z"));
    expect([ends[0], ends.at(-1)]).toEqual(["2026-12-01T00:00:00Z", "2027-11-01T00:00:00Z"]);
    expect(new Set(ends).size).toBe(12);
    expect(endsFrom(new Date("2027-01-31T23:59:59Z"))[0]).toBe("2027-02-01T00:00:00Z");
  });
});
