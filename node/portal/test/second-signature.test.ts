import { describe, expect, it } from "vitest";
import { secondKeySiteOf, secondSignatureOf } from "../src/patient/second-signature";

const now = new Date("2026-03-03T08:00:00Z");
const old = "2026-03-01T08:00:00Z";
const site = "https://regulator.example";
const north = "https://north.example", south = "https://south.example";
const key = (credentialId: string, origin: string, addedBy: string, more: object = {}) => ({
  credentialId, rpId: new URL(origin).hostname, origins: [origin], addedBy, addedAt: old, statementId: null, introducedBy: null, revokedBy: null,
  revokedAt: null as unknown as string, ...more,
});
const own = key("own", north, "NorthMSP");
const permit = { credential: "own", relayedBy: "NorthMSP" };
const atNorth = { origin: north, member: "NorthMSP", sites: [site], waitHours: 24 };
const atSouth = { ...atNorth, origin: south, member: "SouthMSP" };

describe("a second signature under a permit that waits", () => {
  it("is given at the regulator's site by a passkey of it that another hospital brought", () => {
    expect(secondSignatureOf(permit, [own, key("second", site, "SouthMSP")], atNorth, now)).toEqual({ by: "site", site, credentialId: "second" });
  });

  it("is given at another hospital's portal by its own passkey, and elsewhere the patient is told so", () => {
    const other = key("other", south, "SouthMSP");
    expect(secondSignatureOf(permit, [own, other], atSouth, now)).toEqual({ by: "here", credentialId: "other" });
    expect(secondSignatureOf(permit, [own, other], atNorth, now)).toEqual({ by: "elsewhere", origin: south });
  });

  it("is never brought by the member that brought the permit, wherever it is looked at", () => {
    const given = { credential: "other", relayedBy: "SouthMSP" };
    const keys = [own, key("other", south, "EastMSP")];
    expect(secondSignatureOf(given, keys, atNorth, now)).toEqual({ by: "here", credentialId: "own" });
    expect(secondSignatureOf({ ...permit, relayedBy: "SouthMSP" }, keys, atSouth, now)).toEqual({ by: "nobody" });
  });

  it.each([
    ["that the permit's own hospital brought", [own, key("second", site, "NorthMSP")], permit],
    ["that the first passkey's hospital brought", [own, key("second", site, "NorthMSP")], { ...permit, relayedBy: "SouthMSP" }],
    ["of the same site", [own, key("second", "https://portal.north.example", "SouthMSP")], permit],
    ["that was revoked", [own, key("second", site, "SouthMSP", { revokedAt: old })], permit],
    ["where nobody knows the first signature", [key("second", site, "SouthMSP")], permit],
    ["that is the only one", [own], permit],
  ])("is not given by a passkey %s", (_, keys, consent) => expect(secondSignatureOf(consent, keys, atNorth, now)).toEqual({ by: "nobody" }));

  it("waits until a passkey is old enough, to the second", () => {
    const fresh = [own, key("second", site, "SouthMSP", { addedAt: "2026-03-02T08:00:01Z" })];
    expect(secondSignatureOf(permit, fresh, atNorth, now)).toEqual({ by: "later", from: new Date("2026-03-03T08:00:01Z") });
    expect(secondSignatureOf(permit, fresh, atNorth, new Date("2026-03-03T08:00:01Z"))).toMatchObject({ by: "site" });
  });
});

describe("a second passkey", () => {
  const sites = [site, "https://other-regulator.example"];

  it.each([
    ["is offered to who has none", [own], site],
    ["is offered where another hospital alone brought one: that one serves for this hospital's permits only", [own, key("second", site, "SouthMSP")], site],
    ["is offered again once the one is revoked", [own, key("second", site, "NorthMSP", { revokedAt: old })], site],
    ["is not offered where this hospital brought one", [own, key("second", site, "NorthMSP")], undefined],
    ["is not offered where this hospital brought one of another regulator's site", [own, key("second", "https://other-regulator.example", "NorthMSP")], undefined],
  ])("%s", (_, keys, offered) => expect(secondKeySiteOf(keys, sites, "NorthMSP")).toBe(offered));

  it("is offered nowhere where no regulator serves a page", () => expect(secondKeySiteOf([own], [], "NorthMSP")).toBeUndefined());
});
