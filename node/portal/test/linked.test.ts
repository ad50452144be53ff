import { describe, expect, it } from "vitest";
import { linkedConsent, mustRead } from "../src/patient/linked";

const id = `st-${"a".repeat(26)}`;

describe("a link to a permission", () => {
  it("names it behind the address", () => {
    expect(linkedConsent(`#${id}`)).toBe(id);
  });

  it.each(["", "#", "#content", "#st-short", `#${id}x`, `#${id}/..`])("is none where the address ends in %o", (hash) => {
    expect(linkedConsent(hash)).toBeNull();
  });

  it("has it read by itself only where the pages read so far lack it", () => {
    expect(mustRead(id, undefined)).toBe(false); // they are still on their way
    expect(mustRead(id, [{ id }])).toBe(false);
    expect(mustRead(id, [{ id: "st-other" }])).toBe(true);
    expect(mustRead(null, [])).toBe(false);
  });
});
