import { expect, it } from "vitest";
import { newLinkFor } from "../src/office/new-link";

it("invites a colleague anew as the same person", () => {
  const person = { id: "p1", role: "physician" as const, displayName: "Dr. Weber", staffId: "sf-1", passkeys: 1, self: false };
  expect(newLinkFor(person)).toEqual({ role: "physician", displayName: "Dr. Weber", staffId: "sf-1" });
});

it("makes nobody new for want of a staff id", () => {
  expect(() => newLinkFor({ role: "physician", displayName: "Dr. Weber", staffId: null })).toThrow("staff id");
});
