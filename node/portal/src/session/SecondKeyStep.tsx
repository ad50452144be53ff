import { Button, Group, Loader, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Navigate } from "react-router";
import { secondKeyPagesQuery } from "../patient/queries";
import { SecondKeyPanel } from "../patient/SecondKeyPanel";
import { Welcome } from "./Welcome";

/** Right after a patient's first passkey: the second one, at a site that no hospital serves. Goes on at once where there is no such site. */
export function SecondKeyStep({ onDone }: { onDone(): void }) {
  const { t } = useTranslation();
  const sites = useQuery(secondKeyPagesQuery);
  if (sites.isPending) return <Welcome><Loader role="status" aria-label={t("state.loading")} /></Welcome>;
  if (sites.isError || sites.data.length === 0) return <Navigate to="/" replace />; // it is offered again on the patient's own pages
  return (
    <Welcome>
      <Title order={1}>{t("enrol.second")}</Title>
      <SecondKeyPanel />
      <Group><Button variant="default" size="md" onClick={onDone}>{t("enrol.goOn")}</Button></Group>
    </Welcome>
  );
}
