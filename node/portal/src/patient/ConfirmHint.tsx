import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ShieldQuestionMark } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { usePatientId, useSession } from "../session/session";
import { firstLapse, lapsingSoon } from "./confirmation";
import { unconfirmedQuery } from "./queries";
import { useWords } from "./words";

/** Says that permissions wait for this person's confirmation, and leads there; nothing where none does. */
export function ConfirmHint({ onlySoon = false }: { onlySoon?: boolean }) {
  const { t } = useTranslation();
  const words = useWords();
  const { delegateId } = useSession();
  const all = useQuery(unconfirmedQuery(usePatientId())).data ?? [];
  const permits = onlySoon ? lapsingSoon(all, new Date()) : all;
  if (permits.length === 0) return null;
  const first = firstLapse(permits);
  return (
    <Alert color="yellow" icon={<ShieldQuestionMark aria-hidden />} title={t("confirm.hint", { count: permits.length })}>
      {delegateId ? t("confirm.hintGuardian") : first ? t("confirm.hintUntil", { time: words.time(first) }) : t("confirm.hintLapsed")}{" "}
      <Link to="/permissions/confirmations">{t("confirm.look")}</Link>
    </Alert>
  );
}
