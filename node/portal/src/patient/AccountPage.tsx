import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDisclosure } from "@mantine/hooks";
import { KeyRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, bodyOf, type Schemas } from "../api/client";
import { SessionList } from "../session/SessionList";
import { usePatientId } from "../session/session";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Waiting } from "../ui/Waiting";
import { endedWords } from "./ended";
import { credentialsQuery } from "./queries";
import { SecondKeyPanel } from "./SecondKeyPanel";
import { SignDialog } from "./SignDialog";
import { useSigning } from "./signing";
import { useWords } from "./words";

/** The patient's passkeys, and where the patient is signed in. */
export function AccountPage() {
  const { t } = useTranslation();
  const credentials = useQuery(credentialsQuery(usePatientId()));
  const live = credentials.data?.filter((entry) => !entry.revokedAt).length ?? 0;
  return (
    <Page title={t("account.title")} lead={t("account.lead")}>
      <Stack gap="sm" component="section">
        <Title order={2} size="h4">{t("account.passkeys")}</Title>
        <Text size="sm" c="var(--hs-muted)">{t("account.passkeysHint")}</Text>
        {credentials.isPending && <Waiting rows={1} />}
        {credentials.isError && <Problem error={credentials.error} retry={() => void credentials.refetch()} />}
        {credentials.data?.map((entry) => <CredentialCard key={entry.credentialId} entry={entry} isLast={live < 2} />)}
      </Stack>
      <SecondKeyPanel />
      <SessionList />
    </Page>
  );
}

function CredentialCard({ entry, isLast }: { entry: Schemas["PatientCredential"]; isLast: boolean }) {
  const { t } = useTranslation();
  const words = useWords();
  const patientId = usePatientId();
  const [open, dialog] = useDisclosure(false);
  const { phase, act } = useSigning("revokeCredential", () => ({ credential: entry.credentialId }), (signed) => bodyOf(api.POST(
    "/api/v1/patients/{patientId}/credentials/{credentialId}/revocation",
    { params: { path: { patientId, credentialId: entry.credentialId } }, body: signed })));
  return (
    <Card withBorder padding="md" component="article">
      <Group wrap="nowrap" align="flex-start">
        <span className="hs-icon" aria-hidden><KeyRound size={20} /></span>
        <Stack gap={4} flex={1}>
          <Group justify="space-between" gap="xs"><Text fw={600}>{t("account.passkeyAt", { site: entry.rpId })}</Text>
            {entry.revokedAt && <Badge color="gray" variant="light">{t("status.revoked")}</Badge>}</Group>
          <Text size="sm" c="var(--hs-muted)">{t("account.added", { date: words.date(entry.addedAt), member: words.member(entry.addedBy) })}</Text>
          {!entry.revokedAt && !isLast && <Button size="xs" w="fit-content" variant="light" color="red" onClick={dialog.open}>{t("account.revoke")}</Button>}
        </Stack>
      </Group>
      <SignDialog opened={open} onClose={dialog.close} title={t("account.revoke")} action={t("permissions.endSign")} danger phase={phase} error={act.error}
        onSign={() => act.mutate()} done={act.data && endedWords(act.data.committedBy, t, words)}>
        <Text>{t("account.revokeText")}</Text>
      </SignDialog>
    </Card>
  );
}
