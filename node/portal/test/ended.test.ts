import i18n from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import en from "../src/i18n/en";
import { canEnd, endedWords, isOver } from "../src/patient/ended";

const words = { list: (all: string[]) => all.join(" and "), member: (mspId: string) => mspId.replace(/MSP$/, "") };

beforeAll(() => i18n.init({ lng: "en", resources: { en: { translation: en } }, interpolation: { escapeValue: false } }));

describe("an ending", () => {
  it("is done where two members have it", () => {
    expect(endedWords(["NorthMSP", "RegulatorMSP"], i18n.t, words)).toBe("It is ended at two places or more: North and Regulator. All others follow.");
  });

  it("is on its way where one has it", () => {
    expect(endedWords(["NorthMSP"], i18n.t, words)).toMatch(/^It is ended at North\. It counts as done once a second member of the network has it/);
  });
});

describe("a statement", () => {
  it.each(["active", "scheduled", "waiting", "lapsed"] as const)("is ended by the patient while it is %s, though a hospital vouches for it", (status) => {
    expect(canEnd({ status })).toBe(true);
    const attested = { status, attestedBy: "NorthMSP" };
    expect(canEnd(attested)).toBe(true);
  });

  it.each(["expired", "revoked", "usedUp"] as const)("is over once it is %s", (status) => {
    expect([isOver({ status }), canEnd({ status })]).toEqual([true, false]);
  });

  it("needs no ending where the patient erased everything", () => expect(canEnd({ status: "lapsed", lapse: "erased" })).toBe(false));
});
