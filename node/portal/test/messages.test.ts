import { describe, expect, it } from "vitest";
import de from "../src/i18n/de";
import en from "../src/i18n/en";
import es from "../src/i18n/es";
import fr from "../src/i18n/fr";
import { pickLanguage } from "../src/i18n";

type Tree = { [key: string]: string | Tree };
const flat = (tree: Tree, path = ""): [string, string][] => Object.entries(tree).flatMap(([key, value]) =>
  typeof value === "string" ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`));
const variables = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1]).sort();

describe.each([["de", de], ["fr", fr], ["es", es]] as [string, Tree][])("messages in %s", (_, messages) => {
  const own = new Map(flat(messages));

  it("has every key that English has, and no other", () => {
    expect([...own.keys()].sort()).toEqual(flat(en).map(([key]) => key).sort());
  });

  it("says every message with the same variables", () => {
    for (const [key, text] of flat(en)) expect([key, variables(own.get(key) ?? "")]).toEqual([key, variables(text)]);
  });

  it("leaves no message empty", () => {
    for (const [key, text] of own) expect(text.trim(), key).not.toBe("");
  });
});

it("takes the first of the person's languages that there is, else English", () => {
  expect(pickLanguage(null, ["it-IT", "fr-CH", "de"])).toBe("fr");
  expect(pickLanguage("es", ["de"])).toBe("es");
  expect(pickLanguage("xx", ["it"])).toBe("en");
});
