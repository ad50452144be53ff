import { describe, expect, it } from "vitest";
import { effectOf, otherOf } from "../src/patient/merges";

describe("another entry that hospitals say is the same person", () => {
  const merge = { merged: "pt-old", surviving: "pt-new" };

  it("is the one that is not this one", () => {
    expect(otherOf({ ...merge, status: "open" }, "pt-new")).toBe("pt-old");
    expect(otherOf({ ...merge, status: "open" }, "pt-old")).toBe("pt-new");
  });

  it("carries its refusals to the one that stays, once hospitals' words suffice and until it is stopped", () => {
    for (const status of ["open", "settled"]) {
      expect(effectOf({ ...merge, status }, "pt-new")).toBe("here");
      expect(effectOf({ ...merge, status }, "pt-old")).toBe("there");
    }
    for (const status of ["incomplete", "stopped"]) expect(effectOf({ ...merge, status }, "pt-new")).toBe(status);
  });
});
