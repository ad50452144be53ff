import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Building2, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, bodyOf, type Schemas } from "../api/client";
import { usePatientId } from "../session/session";
import { organizationsQuery } from "../ui/members";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Waiting } from "../ui/Waiting";
import { patientQuery } from "./queries";
import { SignDialog } from "./SignDialog";
import { useSigning } from "./signing";
import { useWords } from "./words";

/** Hospitals that know the patient, and those that the patient can make known. */
export function HospitalsPage() {
  const { t } = useTranslation();
  const patient = useQuery(patientQuery(usePatientId()));
  const members = useQuery(organizationsQuery);
  const [linking, setLinking] = useState<Schemas["Organization"] | null>(null);
  const failed = patient.error ?? members.error;
  const others = members.data?.organizations.filter(
    (member) => member.kind === "hospital" && !patient.data?.members.some((known) => known.mspId === member.mspId)) ?? [];
  return (
    <Page title={t("hospitals.title")} lead={t("hospitals.lead")}>
      {failed && <Problem error={failed} retry={() => void Promise.all([patient.refetch(), members.refetch()])} />}
      {(patient.isPending || members.isPending) && !failed && <Waiting />}
      {patient.data && (
        <>
          <div className="hs-cards">{patient.data.members.map((member) => <KnownHospital key={member.mspId} member={member} />)}</div>
          {others.length > 0 && (
            <Stack gap="sm" component="section">
              <Title order={2} size="h4">{t("hospitals.others")}</Title>
              <Text size="sm" c="var(--hs-muted)">{t("hospitals.othersHint")}</Text>
              <div className="hs-cards">{others.map((member) => <OtherHospital key={member.mspId} member={member} onLink={() => setLinking(member)} />)}</div>
            </Stack>
          )}
        </>
      )}
      {linking && <LinkDialog key={linking.mspId} member={linking} onClose={() => setLinking(null)} />}
    </Page>
  );
}

function KnownHospital({ member }: { member: Schemas["PatientMember"] }) {
  const { t } = useTranslation();
  const words = useWords();
  return (
    <Card withBorder padding="lg" component="article">
      <Group wrap="nowrap" align="flex-start">
        <span className="hs-icon" aria-hidden><Building2 size={20} /></span>
        <div><Title order={2} size="h5">{member.name ?? words.member(member.mspId)}</Title>
          <Text size="sm" c="var(--hs-muted)">{t("hospitals.since", { date: words.date(member.since) })}</Text>
          {!member.statementId && <Badge mt={6} variant="light">{t("hospitals.enrolled")}</Badge>}</div>
      </Group>
    </Card>
  );
}

function OtherHospital({ member, onLink }: { member: Schemas["Organization"]; onLink(): void }) {
  const { t } = useTranslation();
  return (
    <Card withBorder padding="lg" component="article">
      <Group justify="space-between" wrap="nowrap">
        <Title order={3} size="h5">{member.name}</Title>
        <Button size="sm" variant="light" leftSection={<Plus size={16} aria-hidden />} onClick={onLink} aria-label={t("hospitals.linkTo", { name: member.name })}>{t("hospitals.link")}</Button>
      </Group>
    </Card>
  );
}

function LinkDialog({ member, onClose }: { member: Schemas["Organization"]; onClose(): void }) {
  const { t } = useTranslation();
  const patientId = usePatientId();
  const { phase, act } = useSigning("link", () => ({ member: member.mspId }), (signed) => bodyOf(api.POST(
    "/api/v1/patients/{patientId}/links", { params: { path: { patientId } }, body: signed })));
  return (
    <SignDialog opened onClose={onClose} title={t("hospitals.linkTo", { name: member.name })} action={t("action.sign")} phase={phase} error={act.error}
      onSign={() => act.mutate()} done={act.data && t("hospitals.linked", { name: member.name })}>
      <Text>{t("hospitals.linkText", { name: member.name })}</Text>
    </SignDialog>
  );
}
