import { expect, it } from "vitest";
import { bodyOf, isBroad, isForEmergencies, presets } from "../src/patient/draft";
import { tokensOf } from "../src/signing/tokens";

const tokens = await tokensOf(Buffer.alloc(32, 1).toString("base64url"));
const now = new Date("2026-03-01T08:00:00Z");

it("permits a hospital's staff laboratory results without sensitive ones for thirty days", async () => {
  const body = await bodyOf({ ...presets.laboratory, org: "SouthMSP" }, tokens, now);
  expect(body).toEqual({
    effect: "permit", period: { start: "2026-03-01T08:00:00Z", end: "2026-03-31T08:00:00Z" },
    scope: [{ who: [{ org: "SouthMSP" }], purpose: ["TREAT"], category: [await tokens("category", "laboratory"), await tokens("category", "observation")] }],
  });
  expect(isBroad(body!, 90)).toBe(false);
});

it("names every label in a part of its own where sensitive records are included, and knows that it is broad", async () => {
  const body = await bodyOf({ ...presets.familyDoctor, org: "SouthMSP" }, tokens, now);
  expect(body!.scope).toHaveLength(2);
  expect(body!.scope[0]!.labels).toBeUndefined();
  expect(body!.scope[1]!.labels).toHaveLength(6);
  expect(isBroad(body!, 90)).toBe(true);
});

it("forbids a hospital everything until it is lifted, and is never broad", async () => {
  const body = await bodyOf({ ...presets.block, org: "EastMSP", neverInEmergencies: true }, tokens, now);
  expect(body).toEqual({ effect: "deny", emergency: "never", scope: [{ who: [{ org: "EastMSP" }] }], period: { start: "2026-03-01T08:00:00Z" } });
  expect(isBroad(body!, 90)).toBe(false);
});

it("names neither a role nor a purpose in a refusal for emergencies, which would then keep out nobody, and keeps the choices for later", async () => {
  const choice = { ...presets.block, org: "EastMSP", role: "nurse" as const, purposes: ["TREAT"], categories: ["laboratory" as const], labels: ["HIV" as const] };
  const never = await bodyOf({ ...choice, neverInEmergencies: true }, tokens, now);
  expect(never).toEqual({
    effect: "deny", emergency: "never", period: { start: "2026-03-01T08:00:00Z" },
    scope: [{ who: [{ org: "EastMSP" }], category: [await tokens("category", "laboratory")], labels: [await tokens("label", "HIV")] }],
  });
  const other = await bodyOf(choice, tokens, now);
  expect(other!.scope[0]).toMatchObject({ who: [{ org: "EastMSP", role: "nurse" }], purpose: ["TREAT"] });
  expect(isForEmergencies({ effect: "permit", neverInEmergencies: true })).toBe(false);
});

it.each([
  [{ org: null }, "nobody is named"], [{ org: "SouthMSP", purposes: [] }, "no purpose is named"], [{ org: "SouthMSP", categories: [] }, "no kind is left"],
])("has nothing to sign while %o: %s", async (change: object, _why: string) => {
  expect(await bodyOf({ ...presets.treatment, ...change }, tokens, now)).toBeNull();
});

it("is broad for any hospital, without an end, and beyond the channel's own length", async () => {
  for (const change of [{ org: "any" }, { days: null }, { days: 91 }]) {
    expect(isBroad((await bodyOf({ ...presets.treatment, org: "SouthMSP", ...change }, tokens, now))!, 90)).toBe(true);
  }
});
