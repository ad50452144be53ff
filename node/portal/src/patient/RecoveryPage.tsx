import { Alert, Button, Card, Group, Stack, Text } from "@mantine/core";
import { Clock, Fingerprint } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, bodyOf, type Schemas } from "../api/client";
import { localeOf } from "../i18n";
import { usePatientId, useSessionState } from "../session/session";
import { Facts } from "../ui/Facts";
import { useMemberName } from "../ui/members";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { useSigning } from "./signing";

/** A patient who lost every passkey, with a new one that hospitals vouch for: when it becomes the patient's own, and how. */
export function RecoveryPage({ signer }: { signer: Schemas["VouchedSigner"] }) {
  const { t, i18n } = useTranslation();
  const member = useMemberName();
  const patientId = usePatientId();
  const { end } = useSessionState();
  const own = signer.credentials[0]!;
  const { phase, act } = useSigning("addCredential",
    () => ({ credential: own.credentialId, publicKey: own.publicKey, rpId: own.rpId, origins: [...own.origins] }),
    (signed) => bodyOf(api.POST("/api/v1/patients/{patientId}/credentials", { params: { path: { patientId } }, body: signed })));
  const time = (text: string) => new Intl.DateTimeFormat(localeOf(i18n.language), { dateStyle: "full", timeStyle: "short" }).format(new Date(text));
  return (
    <Page title={t("recovery.title")} lead={t("recovery.lead")}>
      <Card withBorder padding="lg" maw="44rem">
        <Stack>
          <Facts entries={[
            [t("recovery.vouchedBy"), new Intl.ListFormat(localeOf(i18n.language)).format(signer.vouchedBy.map(member))],
            signer.activeFrom && [t("recovery.from"), time(signer.activeFrom)],
          ]} />
          {act.isSuccess ? (
            <>
              <Alert color="green" role="status" title={t("state.saved")}>{t("recovery.done")}</Alert>
              <Group><Button onClick={() => end.mutate()}>{t("recovery.again")}</Button></Group>
            </>
          ) : signer.status === "active" ? (
            <>
              <Text>{t("recovery.ready")}</Text>
              {act.isError && <Problem error={act.error} />}
              <Group><Button leftSection={<Fingerprint size={18} aria-hidden />} loading={phase !== "idle"} onClick={() => act.mutate()}>{t("recovery.sign")}</Button>
                <Text size="sm" c="var(--hs-muted)" role="status">{phase === "idle" ? "" : t(`state.${phase}`)}</Text></Group>
            </>
          ) : <Alert color="yellow" icon={<Clock aria-hidden />} role="status">{t(signer.status === "waiting" ? "recovery.waits" : "recovery.stopped")}</Alert>}
        </Stack>
      </Card>
    </Page>
  );
}
