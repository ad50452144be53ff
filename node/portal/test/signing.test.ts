import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromBase64Url, toBase64Url } from "../src/signing/base64url";
import { canonicalize } from "../src/signing/canonical";
import { idOf, isPatientId, newId } from "../src/signing/ids";
import { challengeOf, timeOf, writeStatement } from "../src/signing/statement";
import { tokensOf } from "../src/signing/tokens";

describe("canonical JSON", () => {
  it("sorts members by UTF-16 code units, as the example of RFC 8785", () => {
    const names = { "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis" };
    expect(Object.values(JSON.parse(canonicalize(names)) as object)).toHaveLength(7);
    expect(canonicalize(names)).toBe('{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}');
  });

  it("escapes only what must be escaped", () => {
    expect(canonicalize("\u20ac$\u000f\nA'B\"\\\"/")).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\\\"/"');
  });

  it("leaves out what is undefined and keeps the order of lists", () => {
    expect(canonicalize({ b: [3, 1], a: undefined, c: { z: null, y: true } })).toBe('{"b":[3,1],"c":{"y":true,"z":null}}');
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuses the number %s", (number) => {
    expect(() => canonicalize({ number })).toThrow(TypeError);
  });

  it.each(["\ud800", "a\udc00", "\ud83d\ud83d\ude00"])("refuses half a character", (text) => {
    expect(() => canonicalize(text)).toThrow(TypeError);
  });
});

describe("base64url", () => {
  it("goes there and back for every length", () => {
    for (let length = 0; length < 70; length++) {
      const bytes = crypto.getRandomValues(new Uint8Array(length));
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
      expect([...fromBase64Url(toBase64Url(bytes))]).toEqual([...bytes]);
    }
  });

  it.each(["a", "ab=", "a+b/", "a b"])("refuses %s", (text) => {
    expect(() => fromBase64Url(text)).toThrow(TypeError);
  });
});

describe("ids", () => {
  it("writes the example of the documentation", () => {
    expect(idOf("st", new TextEncoder().encode("1234567890123456"))).toBe("st-gezdgnbvgy3tqojqgezdgnbvgy");
  });

  it("makes 29 characters that are new each time", () => {
    const ids = new Set(Array.from({ length: 500 }, () => newId("em")));
    expect(ids.size).toBe(500);
    for (const id of ids) expect(id).toMatch(/^em-[a-z2-7]{26}$/);
  });

  it.each(["pt-gezdgnbvgy3tqojqgezdgnbvgz", "pt-GEZDGNBVGY3TQOJQGEZDGNBVGY", "st-gezdgnbvgy3tqojqgezdgnbvgy", "pt-short", "../../x"])("takes %s for no patient", (id) => {
    expect(isPatientId(id)).toBe(false);
  });
});

it("computes tokens as the channel does: 16 bytes of HMAC-SHA-256 over dimension and code", async () => {
  const key = Buffer.alloc(32, 7);
  const tokens = await tokensOf(key.toString("base64url"));
  expect(await tokens("category", "laboratory")).toBe(createHmac("sha256", key).update("category|laboratory").digest().subarray(0, 16).toString("base64url"));
});

describe("a statement", () => {
  const signer = { channel: "health", patientId: "pt-gezdgnbvgy3tqojqgezdgnbvgy", credentialId: "4nZ4" };

  it("is written as the documentation shows it, in canonical form", () => {
    const { bytes } = writeStatement("revoke", { statement: "st-a" }, signer, "st-b", new Date("2026-03-01T08:00:00.999Z"));
    expect(new TextDecoder().decode(bytes)).toBe('{"body":{"statement":"st-a"},"channel":"health","id":"st-b","issued":"2026-03-01T08:00:00Z","patient":"pt-gezdgnbvgy3tqojqgezdgnbvgy","signer":{"credential":"4nZ4"},"type":"revoke","v":1}');
  });

  it("has whole seconds only", () => expect(timeOf(new Date("2026-01-02T03:04:05.678Z"))).toBe("2026-01-02T03:04:05Z"));

  it("is signed over its own prefix, another than an emergency's", async () => {
    const bytes = new TextEncoder().encode("{}");
    const expected = createHash("sha256").update("healthshare-statement-v1\n{}").digest();
    expect(Buffer.from(await challengeOf(bytes, "statement"))).toEqual(expected);
    expect(Buffer.from(await challengeOf(bytes, "emergency"))).not.toEqual(expected);
  });
});
