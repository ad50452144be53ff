import i18n from "i18next";
import { initReactI18next } from "react-i18next";

/** Languages that the patients' pages speak; staff's pages are in English. */
export const languages = { en: "English", de: "Deutsch", fr: "Français", es: "Español" } as const;
export type Language = keyof typeof languages;

const choice = "healthshare.language";

const load: Record<Language, () => Promise<{ default: Record<string, unknown> }>> = {
  en: () => import("./en"),
  de: () => import("./de"),
  fr: () => import("./fr"),
  es: () => import("./es"),
};

const isLanguage = (code: string | null | undefined): code is Language => !!code && code in languages;

/** The first of the person's languages that there is; English where there is none. */
export function pickLanguage(chosen: string | null, preferred: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen;
  return preferred.map((tag) => tag.split("-")[0]).find(isLanguage) ?? "en";
}

async function show(language: Language): Promise<void> {
  if (!i18n.hasResourceBundle(language, "translation")) i18n.addResourceBundle(language, "translation", (await load[language]()).default);
  await i18n.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Changes the language and remembers it on this device. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(choice, language);
  await show(language);
}

/** The language with the region that the person's browser names, for dates: `en-GB` rather than `en`. */
export const localeOf = (language: string): string => navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;

export async function startI18n(): Promise<void> {
  await i18n.use(initReactI18next).init({
    fallbackLng: "en", resources: {}, interpolation: { escapeValue: false }, // React escapes
    returnNull: false, saveMissing: false,
  });
  await show(pickLanguage(localStorage.getItem(choice), navigator.languages));
}

export default i18n;
