import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { localeOf } from "../i18n";
import { usePatientId } from "../session/session";
import type { Provision, Who } from "../signing/statement";
import { useMemberName } from "../ui/members";
import { roles } from "../i18n/roles";
import { isCategory, isConfidentiality, isLabel, isPurpose } from "./codes";
import { codeBookQuery } from "./queries";

/** Words for what stands on the channel as codes and tokens. */
export interface Words {
  category(tokenOrCode: string): string;
  label(tokenOrCode: string): string;
  purpose(code: string): string;
  confidentiality(code: string): string;
  member(mspId: string): string;
  role(role: string | null | undefined): string;
  roles(role: string): string;
  who(who: Who): string;
  list(words: string[]): string;
  categories(provision: Provision): string;
  date(time: string | Date): string;
  time(time: string | Date): string;
}

export function useWords(): Words {
  const { t, i18n } = useTranslation();
  const member = useMemberName();
  const { data: book } = useSuspenseQuery(codeBookQuery(usePatientId()));
  const locale = localeOf(i18n.language);
  const list = (words: string[]) => new Intl.ListFormat(locale, { type: "conjunction" }).format(words);
  const words: Words = {
    member, list,
    category(text) {
      const code = book?.codeOf(text) ?? text;
      return isCategory(code) ? t(`category.${code}`) : t("category.unknown");
    },
    label(text) {
      const code = book?.codeOf(text) ?? text;
      return isLabel(code) ? t(`label.${code}`) : t("label.unknown");
    },
    purpose: (code) => (isPurpose(code) ? t(`purpose.${code}`) : code),
    confidentiality: (code) => (isConfidentiality(code) ? t(`confidentiality.${code}`) : code),
    role: (role) => (role === "physician" || role === "nurse" || role === "patient" || role === "registrar" || role === "pharmacist" ? t(`role.${role}`) : t("reader.someone")),
    roles: (role) => (role === "physician" || role === "nurse" ? t(`reader.${role}`) : role in roles ? t(`role.${role as keyof typeof roles}`) : role),
    who(who) {
      if ("anyHospital" in who) return t("reader.anyHospital");
      if (who.role) return t("reader.roleAt", { role: words.roles(who.role), org: member(who.org) });
      return who.staff ? `${t("reader.personAt", { org: member(who.org) })} (${who.staff})` : t("reader.anyoneAt", { org: member(who.org) });
    },
    categories: (provision) => provision.category ? list(provision.category.map(words.category))
      : provision.records ? t("scope.records", { count: provision.records.length }) : t("scope.everything"),
    date: (time) => new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(new Date(time)),
    time: (time) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time)),
  };
  return words;
}
