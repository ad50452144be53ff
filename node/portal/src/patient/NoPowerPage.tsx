import { Alert } from "@mantine/core";
import { Clock } from "lucide-react";
import { useTranslation } from "react-i18next";
import { localeOf } from "../i18n";
import { Page } from "../ui/Page";
import type { OwnPower } from "./appointment";

/** For who may not sign in a patient's place now: why, and what can be done about it. */
export function NoPowerPage({ power: { status, from, end, isGuardian } }: { power: OwnPower }) {
  const { t, i18n } = useTranslation();
  const time = (text: string) => new Intl.DateTimeFormat(localeOf(i18n.language), { dateStyle: "long", timeStyle: "short" }).format(new Date(text));
  const why = status === "waiting" && from ? t("noPower.waiting", { time: time(from) })
    : status === "ended" && isGuardian && end ? t("noPower.guardianEnded", { time: time(end) })
    : status === "incomplete" ? t("noPower.incomplete")
    : t("noPower.none");
  return (
    <Page title={t("noPower.title")}>
      <Alert color="yellow" icon={<Clock aria-hidden />} role="status" maw="44rem">{why}</Alert>
    </Page>
  );
}
