import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readCode } from "../src/clinician/code";
import { packHandle, writeHandle } from "../src/signing/handle";
import { challengeOf } from "../src/signing/statement";

const patientId = "pt-gezdgnbvgy3tqojqgezdgnbvgy";

describe("a patient's one-time code", () => {
  it("is signed line by line, and over a prefix of its own", async () => {
    const bytes = writeHandle("health", patientId, new Uint8Array(16), new Date("2026-03-01T08:00:00.999Z"));
    expect(new TextDecoder().decode(bytes)).toBe(`health\n${patientId}\nAAAAAAAAAAAAAAAAAAAAAA\n2026-03-01T08:00:00Z\n2026-03-01T08:05:00Z`);
    expect(Buffer.from(await challengeOf(bytes, "handle"))).toEqual(createHash("sha256").update("healthshare-handle-v1\n").update(bytes).digest());
  });

  it("is recognised by the clinician's page as it is packed", () => {
    const text = packHandle(new Uint8Array(5), { credential: "4nZ4", authenticatorData: "AA", clientDataJSON: "e30", signature: "MEU" });
    expect(readCode(`${text}\n`)).toEqual({ handle: text });
  });
});

describe("what a clinician types", () => {
  it("is the card's id, in whatever case", () => expect(readCode(` ${patientId.toUpperCase()} `)).toEqual({ patientId }));

  it("is a short code, however it is grouped", () => {
    for (const typed of ["7K3F9-QX2AB", "7k3f9 qx2ab", "7K3F9QX2AB"]) expect(readCode(typed)).toEqual({ handle: "7K3F9QX2AB" });
  });

  it("is nothing else", () => {
    for (const wrong of ["", "pt-", "7K3F9QX2A", "7K3F9QX2ABC", "hs1.a.b.c.d", "hs1.a.b.c.d.e.f", "hs2.a.b.c.d.e", `hs1.${"a".repeat(2050)}.b.c.d.e`, "ÄÖÜ-1234567"]) expect(readCode(wrong)).toBeNull();
  });
});
