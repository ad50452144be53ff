import { describe, expect, it } from "vitest";
import type { Schemas } from "../src/api/client";
import { firstLapse, lapsingSoon, mostAtOnce, nextToConfirm } from "../src/patient/confirmation";

const body = { effect: "permit", scope: [{}], period: { start: "2026-03-01T08:00:00Z" } };
const permit = (id: string, lapsesAt: string | null, more = {}) => ({ consent: { id, body: { ...body, ...more } }, lapsesAt }) as unknown as Schemas["UnconfirmedPermit"];
const [over, near, far] = [permit("st-over", null), permit("st-near", "2027-01-01T00:00:00Z"), permit("st-far", "2027-06-01T00:00:00Z")];

describe("permits that wait for a confirmation", () => {
  it("are brought up by themselves while they count and lapse within two months", () => {
    expect(lapsingSoon([over, near, far], new Date("2026-11-22T06:00:00Z"))).toEqual([near]);
    expect(lapsingSoon([over, near, far], new Date("2026-10-22T06:00:00Z"))).toEqual([]);
  });

  it("have a first day on which one lapses, unless all have", () => {
    expect(firstLapse([over, far, near])).toBe("2027-01-01T00:00:00Z");
    expect(firstLapse([over])).toBeNull();
  });

  it("are confirmed as many at once as the channel takes", () => {
    const many = Array.from({ length: 20 }, (_, number) => permit(`st-${number}`, null));
    expect(nextToConfirm(many)).toEqual(many.slice(0, mostAtOnce).map(({ consent }) => consent));
    expect(nextToConfirm([near])).toEqual([near.consent]);
  });

  it("are not confirmed while the page cannot show all that they say", () => {
    expect(nextToConfirm([permit("st-strange", null, { weather: "fine" }), near])).toEqual([near.consent]);
  });
});
