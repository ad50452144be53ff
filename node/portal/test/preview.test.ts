import { expect, it } from "vitest";
import { askedOf } from "../src/patient/draft";
import type { GrantBody } from "../src/signing/statement";

const grant = (start: string, end?: string) => ({ effect: "permit", scope: [], period: { start, end } }) as unknown as GrantBody;

it("asks anew for another length, and not because the clock went on", () => {
  const month = askedOf(grant("2026-03-01T08:00:00Z", "2026-03-31T08:00:00Z"));
  expect(askedOf(grant("2026-03-01T08:00:01Z", "2026-03-31T08:00:01Z"))).toEqual(month);
  expect(askedOf(grant("2026-03-01T08:00:00Z", "2027-03-01T08:00:00Z"))).not.toEqual(month);
  expect(askedOf(grant("2026-03-01T08:00:00Z"))).not.toEqual(month);
});
