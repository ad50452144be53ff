import { expect, it } from "vitest";
import en from "../src/i18n/en";
import { isStanding } from "../src/patient/standing";

it.each(["incomplete", "waiting", "active", "ended"] as const)("has words for a signer who is %s", (status) => {
  expect(isStanding(status)).toBe(true);
  expect(en.helpers.standing[status]).toBeTruthy();
});

it("knows no others", () => {
  expect(isStanding("toString")).toBe(false);
});
