import { describe, expect, it } from "vitest";
import { blockOf, filterOf, isBackwards, queryOf, reasonsOf, searchOf } from "../src/regulator/decisions";

const nothing = filterOf(new URLSearchParams());
const at = (text: string | undefined) => (text === undefined ? undefined : new Date(text));

describe("which decisions are listed", () => {
  it("is all of them where the address says nothing", () => {
    expect(searchOf(nothing)).toEqual({});
    expect(JSON.stringify(queryOf(nothing))).toBe("{}");
  });

  it("stands in the address, and comes back from there", () => {
    const filter = { requester: "SouthMSP", outcome: "denied", emergency: true, from: "2026-03-01", to: "2026-03-31" } as const;
    expect(filterOf(new URLSearchParams(searchOf(filter)))).toEqual(filter);
  });

  it("is not narrowed by what is no outcome or no day", () => {
    for (const wrong of ["outcome=maybe", "emergency=1", "from=yesterday", "from=2026-02-30", "to=0002-01-01", "to=9999-12-31", "from=2026-13-01"])
      expect(JSON.stringify(queryOf(filterOf(new URLSearchParams(wrong)))), wrong).toBe("{}");
  });

  it("counts days by the reader's own calendar, the last one included", () => {
    const { from, to } = queryOf({ ...nothing, from: "2026-03-01", to: "2026-03-31" });
    expect(at(from)).toEqual(new Date(2026, 2, 1));
    expect(at(to)).toEqual(new Date(2026, 3, 1));
    expect(isBackwards({ ...nothing, from: "2026-03-01", to: "2026-03-01" })).toBe(false);
    expect(isBackwards({ ...nothing, from: "2026-03-02", to: "2026-03-01" })).toBe(true);
    expect(isBackwards({ ...nothing, from: "2026-03-02", to: "" })).toBe(false);
  });
});

it("takes for the number of a block what is one", () => {
  expect(blockOf("0")).toBe(0);
  expect(blockOf("12")).toBe(12);
  for (const wrong of [null, "", "-1", "1.5", "x", "9".repeat(16)]) expect(blockOf(wrong)).toBeUndefined();
});

it("counts why it was decided so, the most frequent first", () => {
  const one = (reason: string) => ({ recordId: "rc-1", custodian: "NorthMSP", permitted: false, reason, statementId: null, notAfter: "" });
  expect(reasonsOf([one("deny.default"), one("permit.signed"), one("permit.signed")])).toEqual([["permit.signed", 2], ["deny.default", 1]]);
  expect(reasonsOf([])).toEqual([]);
});
