import { Button, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Printer } from "lucide-react";
import { QRCodeSVG } from "qrcode.react";
import { useTranslation } from "react-i18next";
import { usePatientId, useSession } from "../session/session";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Waiting } from "../ui/Waiting";
import classes from "./CardPage.module.css";
import { HandlePanel } from "./HandlePanel";
import { patientQuery } from "./queries";
import { useWords } from "./words";

/** A card for the wallet: by it a clinician finds the patient. It opens nothing by itself. */
export function CardPage() {
  const { t } = useTranslation();
  const patientId = usePatientId();
  const { name } = useSession();
  const words = useWords();
  const patient = useQuery(patientQuery(patientId));
  return (
    <Page title={t("card.title")} lead={t("card.lead")} actions={
      <Button className="hs-no-print" leftSection={<Printer size={18} aria-hidden />} onClick={() => window.print()}>{t("action.print")}</Button>}>
      {patient.isPending && <Waiting rows={1} />}
      {patient.isError && <Problem error={patient.error} retry={() => void patient.refetch()} />}
      {patient.data && (
        <section className={classes.card} aria-label={t("card.title")}>
          <header className={classes.head}><img src="/mark.svg" alt="" width={26} height={26} /> <b>{t("app.name")}</b> <span>{t("card.kind")}</span></header>
          <div className={classes.body}>
            <QRCodeSVG value={patientId} size={128} marginSize={2} level="M" title={t("card.qr")} className={classes.qr} />
            <div className={classes.words}>
              <Title order={2} size="h4">{name}</Title>
              <Text className="hs-mono" size="sm">{patientId}</Text>
              <Text size="sm" mt="xs">{t("card.hospitals", { list: words.list(patient.data.members.map((member) => member.name ?? words.member(member.mspId))) })}</Text>
            </div>
          </div>
          <footer className={classes.foot}>{t("card.foot")}</footer>
        </section>
      )}
      <Text size="sm" c="var(--hs-muted)" maw="44rem" className="hs-no-print">{t("card.note")}</Text>
      <HandlePanel />
    </Page>
  );
}
