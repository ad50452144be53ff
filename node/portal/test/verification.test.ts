import { describe, expect, it } from "vitest";
import { isHash, shareOf } from "../src/regulator/verification";

describe("a verification's progress", () => {
  it("is not known before the number of blocks is", () => {
    expect(shareOf({ blocksDone: 0 })).toBeNull();
    expect(shareOf({ blocksDone: 0, blocksTotal: null })).toBeNull();
    expect(shareOf({ blocksDone: 0, blocksTotal: 0 })).toBeNull();
  });

  it("says done only when all is done", () => {
    expect(shareOf({ blocksDone: 999, blocksTotal: 1000 })).toBe(99);
    expect(shareOf({ blocksDone: 1000, blocksTotal: 1000 })).toBe(100);
  });
});

describe("the hash of a genesis block", () => {
  it("has 64 hexadecimal digits, large or small", () => {
    expect(isHash("aB".repeat(32))).toBe(true);
    for (const wrong of ["", "ab", "g".repeat(64), `${"a".repeat(64)}\n`, "a".repeat(65)]) expect(isHash(wrong)).toBe(false);
  });
});
