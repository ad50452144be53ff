import { Group, Select, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, languages, type Language } from "../i18n";
import classes from "./Welcome.module.css";

/** The frame of the pages before the sign-in. */
export function Welcome({ children }: { children: ReactNode }) {
  const { t, i18n } = useTranslation();
  return (
    <div className={classes.frame}>
      <header className={classes.header}>
        <Group gap="sm"><img src="/mark.svg" alt="" width={36} height={36} /><b>{t("app.name")}</b></Group>
        <Select
          aria-label={t("menu.language")} size="xs" w="8rem" value={i18n.language} allowDeselect={false}
          data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
          onChange={(code) => code && void chooseLanguage(code as Language)}
        />
      </header>
      <main className={classes.main}><Stack gap="lg">{children}</Stack></main>
    </div>
  );
}
