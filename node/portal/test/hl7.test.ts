import { readFileSync } from "node:fs";
import { createInstance } from "i18next";
import { describe, expect, it } from "vitest";
import { parse, readMessage } from "../src/hl7/er7";
import { isCalm, labelOf } from "../src/clinician/codes-in-words";
import { trendsOf } from "../src/clinician/Trends";
import staff from "../src/i18n/staff-messages";
import { isWithdrawn, reportOf, timeOf } from "../src/hl7/report";

const sample = (name: string) => {
  const bytes = readFileSync(new URL(`../../../network/HealthShare.Sandbox/Samples/${name}.hl7`, import.meta.url));
  return readMessage(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
};

describe("the reader", () => {
  it("counts the fields of MSH as the standard does", () => {
    const [header] = parse("MSH|^~\\&|LAB|NORTH|||20260301||ORU^R01|1|P|2.5.1\rPID|1").segments;
    expect([header!.text(1), header!.text(2), header!.text(3), header!.text(9), header!.text(9, 2), header!.text(12)]).toEqual(["|", "^~\\&", "LAB", "ORU", "R01", "2.5.1"]);
  });

  it("takes other delimiters than the usual ones", () => {
    const { segments } = parse("MSH#!*\\%#LAB\rPID#1##7!8*9!10");
    expect([segments[1]!.text(3, 2), segments[1]!.text(3, 1, 2), segments[1]!.repetitions(3)]).toEqual(["8", "9", 2]);
  });

  it("resolves escapes and leaves broken ones as they are", () => {
    const { segments } = parse("MSH|^~\\&\rNTE|1||a \\T\\ b\\.br\\c \\F\\ \\S\\ \\R\\ \\E\\ \\X41C3B6\\ \\Zx\\ end\\");
    expect(segments[1]!.text(3)).toBe("a & b\nc | ^ ~ \\ Aö \\Zx\\ end\\");
  });

  it.each(["", "\r\r\n", "garbage", "MSH", "MSH|", "\u000bMSH|^~\\&|A\u001c\r", "MSH\\\\\\\\\\\\", "OBX|||||\rOBR"])("reads %j without failing", (text) => {
    expect(() => reportOf(parse(text))).not.toThrow();
  });

  it("reads a segment of a thousand empty fields", () => expect(parse("PID|".repeat(1000)).segments[0]!.text(999)).toBe("PID"));

  it("reads bytes by the character set that MSH-18 names", () => {
    const bytes = new Uint8Array(Buffer.from(`MSH|^~\\&${"|".repeat(16)}8859/1\rPID|||||\xd6zt\xfcrk`, "latin1"));
    expect(readMessage(bytes.buffer).segments[1]!.text(5)).toBe("Öztürk");
  });
});

describe("the report", () => {
  it("shows laboratory values with unit, range and flag", () => {
    const { groups, person } = reportOf(sample("02-glucose"));
    expect(person).toMatchObject({ name: "Anna Maria Keller", numbers: ["N-100234 · NORTH"], sex: "F" });
    expect(groups).toHaveLength(1);
    expect(groups[0]!.values.map(({ name, number, unit, low, high, flags }) => [name.split(" ")[0], number, unit, low, high, flags.join()])).toEqual([
      ["Glucose", 187, "mg/dL", 70, 99, "H"], ["Hemoglobin", 8.1, "%", 4, 5.6, "H"], ["Creatinine", 0.9, "mg/dL", 0.6, 1.1, "N"],
    ]);
    expect(groups[0]!.notes).toEqual(["Sample drawn 08:30, fasting & rested."]);
  });

  it("shows pictures and findings", () => {
    const [group] = reportOf(sample("04-chest-image")).groups;
    expect(group!.files[0]).toMatchObject({ kind: "PNG", url: expect.stringMatching(/^data:image\/png;base64,iVBOR/) });
    expect(group!.texts[0]!.text).toBe("Heart size normal.\nLungs clear. No effusion.");
  });

  const valuesOf = (...obx: string[]) => reportOf(parse(["MSH|^~\\&", "OBR|1|||x^Panel|||20260301083000+0100", ...obx].join("\r"))).groups[0]!.values;

  it("calls normal only what the laboratory calls so", async () => {
    const t = await createInstance().init({ lng: "en", ns: "staff", defaultNS: "staff", resources: { en: { staff } } });
    const words = (flag: string) => labelOf(t as never, "flag", flag);
    const flags = ["L", "H", "LL", "HH", "<", ">", "A", "AA", "U", "D", "B", "W", "S", "R", "I", "MS", "VS", "POS", "NEG", "IND", "DET", "ND", "AC", "TOX", "QCF", "RR", "WR", "NR", "null", "Z9", "n", "constructor"];
    expect(flags.filter((flag) => words(flag) === "Normal")).toEqual([]);
    expect(flags.filter(isCalm)).toEqual(["S", "NEG"]);
    expect([words("N"), words(">"), words("POS"), words("Z9"), words("toString")]).toEqual(["Normal", "Above what can be measured", "Positive", "Z9", "toString"]);
  });

  it("keeps what a value's status and its repetitions say", () => {
    const [wrong, lines, original, above] = valuesOf("OBX|1|NM|K^Potassium||9.9|mmol/L|3.5-5.1|HH~A|||W", "OBX|2|ST|C^Comment||First~Second: SEPSIS|||POS|||F",
      "OBX|3|CWE|O^Organism||^^^^^^^^as written|||R|||F", "OBX|4|SN|T^Titre||>^100|||>|||F");
    expect([wrong!.status, wrong!.flags, isWithdrawn(wrong!.status)]).toEqual(["W", ["HH", "A"], true]);
    expect([lines!.value, lines!.number, original!.value, above!.value, above!.number]).toEqual(["First\nSecond: SEPSIS", null, "as written", ">100", null]);
  });

  it("draws trends of what stands, dated by the specimen where the value has no date, and mixes no hospitals' own codes", () => {
    const values = valuesOf("OBX|1|NM|2^Lactate^LN||2.0|mmol/L|||||F", "OBX|2|NM|2^Lactate^LN||7.5|mmol/L|||||F|||20260302", "OBX|3|NM|2^Lactate^LN||99|mmol/L|||||W|||20260303",
      "OBX|4|NM|7^House^L||1|g|||||F", "OBX|5|NM|7^House^L||2|g|||||F|||20260302");
    const measured = values.map((value) => ({ member: "NorthMSP", value }));
    expect(trendsOf(measured).map((trend) => trend.points.map((point) => point.value))).toEqual([[2, 7.5], [1, 2]]);
    const apart = trendsOf(measured.map((entry, index) => ({ ...entry, member: index % 2 ? "NorthMSP" : "SouthMSP" })));
    expect(apart.map((trend) => trend.name)).toEqual(["Lactate"]);
  });

  it("shows a vaccine, and names what it does not show", () => {
    const report = reportOf(parse("MSH|^~\\&\rEVN|A01\rPID|1\rAL1|1||^Penicillin\rRXA|0|1|20260301||08^Hep B^CVX|0.5|mL^millilitre|||||||||||||RE\rRXR|IM\rRXR|SC"));
    expect(report.given).toEqual([{ name: "Hep B", amount: "0.5 millilitre", at: timeOf("20260301"), status: "RE" }]);
    expect(report.unread).toEqual(["AL1", "RXR"]);
  });

  it("makes no address of what is no picture", () => {
    const files = (obx: string) => reportOf(parse(`MSH|^~\\&\rOBX|1|ED|a||${obx}`)).groups[0]!.files;
    expect(files("^IMAGE^svg^Base64^PHN2Zz4=")[0]!.url).toBeNull();
    expect(files("^IMAGE^PNG^Base64^javascript:alert(1)")[0]!.url).toBeNull();
  });

  it("shows a letter with its author, and a visit", () => {
    const letter = reportOf(sample("06-discharge-letter"));
    expect(letter.document).toMatchObject({ kind: "Discharge summary", author: "Dr. Tom Weber" });
    expect(letter.groups[0]!.texts[0]!.text).toContain("appendectomy.\nFollow-up");
    expect(reportOf(sample("01-registration")).visit).toMatchObject({ patientClass: "O", doctor: "Dr. Nora Brandt", number: "V-5001" });
  });

  it.each([["20260301083000+0100", "2026-03-01T07:30:00.000Z"], ["20261332", null], ["x", null], ["", null]])("reads the time %s", (text, expected) => {
    expect(timeOf(text)?.toISOString() ?? null).toBe(expected);
  });
});
