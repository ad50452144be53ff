import { Alert, Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDisclosure } from "@mantine/hooks";
import { UserPlus, Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, bodyOf, type Schemas } from "../api/client";
import { usePatientId } from "../session/session";
import type { StatementBodies } from "../signing/statement";
import { Facts } from "../ui/Facts";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { isAct, limitsOf } from "./appointment";
import { endedWords } from "./ended";
import { delegatesQuery, signersQuery } from "./queries";
import { SignDialog } from "./SignDialog";
import { useSigning } from "./signing";
import { isStanding } from "./standing";
import { useWords } from "./words";

/** Who may sign in the patient's place: those whom the patient appointed, and those whom hospitals vouch for. */
export function HelpersPage() {
  const { t } = useTranslation();
  const patientId = usePatientId();
  const delegates = useQuery(delegatesQuery(patientId));
  const signers = useQuery(signersQuery(patientId));
  const failed = delegates.error ?? signers.error;
  const none = delegates.data?.length === 0 && signers.data?.length === 0;
  return (
    <Page title={t("helpers.title")} lead={t("helpers.lead")} actions={<Button component={Link} to="/helpers/new" leftSection={<UserPlus size={18} aria-hidden />}>{t("appoint.title")}</Button>}>
      {(delegates.isPending || signers.isPending) && !failed && <Waiting />}
      {failed && <Problem error={failed} retry={() => void Promise.all([delegates.refetch(), signers.refetch()])} />}
      {none && <Empty icon={<Users />}>{t("helpers.none")}</Empty>}
      {delegates.data?.map((delegate) => <DelegateCard key={delegate.id} delegate={delegate} />)}
      {signers.data && signers.data.length > 0 && (
        <Stack gap="sm" component="section">
          <Title order={2} size="h4">{t("helpers.vouched")}</Title>
          <Alert color="yellow">{t("helpers.vouchedHint")}</Alert>
          {signers.data.map((signer) => <SignerCard key={signer.signerId} signer={signer} />)}
        </Stack>
      )}
    </Page>
  );
}

function DelegateCard({ delegate }: { delegate: Schemas["PatientDelegate"] }) {
  const { t } = useTranslation();
  const words = useWords();
  const patientId = usePatientId();
  const [open, dialog] = useDisclosure(false);
  const { phase, act } = useSigning("revokeDelegate", () => ({ delegate: delegate.id }), (signed) => bodyOf(api.POST(
    "/api/v1/patients/{patientId}/delegates/{delegateId}/revocation", { params: { path: { patientId, delegateId: delegate.id } }, body: signed })));
  const { statements, limit } = delegate.scope as StatementBodies["appointDelegate"]["scope"];
  return (
    <Card withBorder padding="lg" component="article">
      <Group justify="space-between"><Title order={2} size="h5">{t("helpers.delegate")}</Title>
        <Badge variant="light" color={delegate.status === "active" ? "green" : "gray"}>{t(`helpers.${delegate.status as "active"}`)}</Badge></Group>
      <Facts entries={[
        [t("helpers.id"), <span className="hs-mono" key="id">{delegate.id}</span>],
        [t("helpers.may"), words.list(statements.filter(isAct).map((kind) => t(`helpers.${kind}`)))],
        statements.includes("permit") && [t("helpers.about"), limit ? words.list(limitsOf(limit, t, words)) : t("helpers.anything")],
        [t("scope.until"), words.date(delegate.end)],
      ]} />
      {delegate.status === "active" && <Button mt="sm" size="sm" w="fit-content" variant="light" color="red" onClick={dialog.open}>{t("helpers.end")}</Button>}
      <SignDialog opened={open} onClose={dialog.close} title={t("helpers.end")} action={t("permissions.endSign")} danger phase={phase} error={act.error} onSign={() => act.mutate()}
        done={act.data && endedWords(act.data.committedBy, t, words)}>
        <Text>{t("helpers.endText")}</Text>
      </SignDialog>
    </Card>
  );
}

function SignerCard({ signer }: { signer: Schemas["VouchedSigner"] }) {
  const { t } = useTranslation();
  const words = useWords();
  const patientId = usePatientId();
  const [open, dialog] = useDisclosure(false);
  const { phase, act } = useSigning("revokeDelegate", () => ({ delegate: signer.signerId }), (signed) => bodyOf(api.POST(
    "/api/v1/patients/{patientId}/attested-signers/{signerId}/objection", { params: { path: { patientId, signerId: signer.signerId } }, body: { statement: signed } })));
  return (
    <Card withBorder padding="lg" component="article">
      <Group justify="space-between"><Title order={3} size="h5">{t(signer.kind === "guardian" ? "helpers.guardian" : "helpers.newKey")}</Title>
        <Badge variant="light" color={signer.objectedAt ? "gray" : "yellow"}>{signer.objectedAt ? t("helpers.objected") : isStanding(signer.status) ? t(`helpers.standing.${signer.status}`) : signer.status}</Badge></Group>
      <Facts entries={[
        [t("helpers.vouchedBy"), words.list(signer.vouchedBy.map(words.member))],
        signer.activeFrom && [t("helpers.from"), words.time(signer.activeFrom)],
        signer.end && [t("scope.until"), words.date(signer.end)],
      ]} />
      {!signer.objectedAt && <Button mt="sm" size="sm" w="fit-content" variant="light" color="red" onClick={dialog.open}>{t("helpers.object")}</Button>}
      <SignDialog opened={open} onClose={dialog.close} title={t("helpers.object")} action={t("permissions.endSign")} danger phase={phase} error={act.error} onSign={() => act.mutate()}
        done={act.data && endedWords(act.data.committedBy, t, words)}>
        <Text>{t("helpers.objectText")}</Text>
      </SignDialog>
    </Card>
  );
}
