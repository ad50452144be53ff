import { Badge, Button, Card, CopyButton, Group, Modal, Radio, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { QRCodeSVG } from "qrcode.react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { useSession, withStepUp } from "../session/session";
import { invite, listInvitations, withdrawInvitation, type Invitation, type Role } from "../session/session-api";
import { isPatientId, newId } from "../signing/ids";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { PatientDesk } from "./PatientDesk";
import { RecoveryDesk } from "./RecoveryDesk";
import { StaffList } from "./StaffList";

const key = ["invitations"];
const staffRoles: Role[] = ["physician", "nurse", "pharmacist", "registrar", "researcher", "privacyOfficer", "itAdministrator", "auditor"];

/** One-time links: IT administrators invite colleagues, registrars patients. */
export function EnrolmentPage() {
  const { t } = useTranslation("staff");
  const { role } = useSession();
  const forPatients = role === "registrar";
  const [link, setLink] = useState<(Invitation & { link: string }) | null>(null);
  return (
    <Page title={t(forPatients ? "enrolment.patients" : "enrolment.staff")} lead={t(forPatients ? "enrolment.patientsLead" : "enrolment.staffLead")}>
      {forPatients && <PatientDesk />}
      <InviteForm forPatients={forPatients} onInvited={setLink} />
      <InvitationList />
      {forPatients ? <RecoveryDesk /> : <StaffList onInvited={setLink} />}
      <Modal opened={link !== null} onClose={() => setLink(null)} title={<b>{t("enrolment.linkTitle")}</b>} centered closeButtonProps={{ "aria-label": t("messages.close") }}>
        {link && (
          <Stack align="center">
            <QRCodeSVG value={link.link} size={232} marginSize={3} level="M" title={t("enrolment.qr")} className="hs-qr" />
            <Text size="sm" ta="center">{t("enrolment.once", { time: time(link.expiresAt) })}</Text>
            <Text className="hs-mono" size="sm">{link.link}</Text>
            <CopyButton value={link.link}>{({ copied, copy }) => <Button variant="default" onClick={copy}>{t(copied ? "enrolment.copied" : "enrolment.copy")}</Button>}</CopyButton>
          </Stack>
        )}
      </Modal>
    </Page>
  );
}

const time = (text: string) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));

function InviteForm({ forPatients, onInvited }: { forPatients: boolean; onInvited(invitation: Invitation & { link: string }): void }) {
  const { t } = useTranslation("staff");
  const client = useQueryClient();
  const [role, setRole] = useState<Role>(forPatients ? "patient" : "physician");
  const [displayName, setName] = useState("");
  const [patientId, setPatientId] = useState("");
  const wrong = forPatients && patientId !== "" && !isPatientId(patientId.trim());
  const send = useAction({
    mutationFn: () => withStepUp(() => invite({
      role, displayName: displayName.trim(), patientId: forPatients ? patientId.trim() : undefined, delegateId: role === "delegate" ? newId("dg") : undefined,
    })),
    onSuccess(invitation) {
      onInvited(invitation);
      setName("");
      void client.invalidateQueries({ queryKey: key });
    },
  });
  return (
    <Card withBorder padding="lg" component="section" maw="40rem">
      <form onSubmit={(event) => {
        event.preventDefault();
        if (displayName.trim() && !wrong) send.mutate();
      }}>
        <Stack>
          <Title order={2} size="h4">{t("enrolment.invite")}</Title>
          <TextInput label={t("enrolment.name")} value={displayName} maxLength={100} onChange={(event) => setName(event.currentTarget.value)} autoComplete="off" required withAsterisk={false} />
          {forPatients && (
            <Radio.Group label={t("enrolment.whom")} value={role} onChange={(value) => setRole(value as Role)}>
              <Stack gap="xs" mt="xs"><Radio size="md" value="patient" label={t("role.patient")} /><Radio size="md" value="delegate" label={t("enrolment.helper")} description={t("enrolment.helperHint")} /></Stack>
            </Radio.Group>
          )}
          {forPatients
            ? <TextInput label={t("enrolment.patientId")} value={patientId} onChange={(event) => setPatientId(event.currentTarget.value)} error={wrong && t("find.wrong")} autoComplete="off" required withAsterisk={false} />
            : <Select label={t("enrolment.role")} value={role} allowDeselect={false} onChange={(value) => setRole(value as Role)} data={staffRoles.map((value) => ({ value, label: t(`role.${value}`) }))} />}
          {send.isError && <Problem error={send.error} />}
          <Button type="submit" w="fit-content" leftSection={<UserPlus size={18} aria-hidden />} loading={send.isPending}>{t("enrolment.go")}</Button>
        </Stack>
      </form>
    </Card>
  );
}

function InvitationList() {
  const { t } = useTranslation("staff");
  const client = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: key, initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => listInvitations(pageParam),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const invitations = list.data?.pages.flatMap((page) => page.items) ?? [];
  const withdraw = useMutation({ mutationFn: withdrawInvitation, onSuccess: () => client.invalidateQueries({ queryKey: key }) });
  return (
    <Stack gap="sm" component="section">
      <Title order={2} size="h4">{t("enrolment.open")}</Title>
      {list.isPending && <Waiting rows={1} />}
      {list.isError && <Problem error={list.error} retry={() => void list.refetch()} />}
      {withdraw.isError && <Problem error={withdraw.error} />}
      {list.data && invitations.length === 0 && <Empty>{t("enrolment.none")}</Empty>}
      {invitations.map((entry) => {
        const over = Date.parse(entry.expiresAt) < Date.now();
        return (
          <Card key={entry.id} withBorder padding="md" component="article">
            <Group justify="space-between">
              <div><Text fw={600}>{entry.displayName}</Text><Text size="sm" c="var(--hs-muted)">{entry.role && t(`role.${entry.role}`)} · {t("enrolment.until", { time: time(entry.expiresAt) })}</Text></div>
              {entry.usedAt ? <Badge variant="light" color="green">{t("enrolment.used")}</Badge> : over ? <Badge variant="light" color="gray">{t("enrolment.over")}</Badge>
                : <Button size="xs" variant="light" color="red" loading={withdraw.isPending && withdraw.variables === entry.id} onClick={() => withdraw.mutate(entry.id)}>{t("enrolment.withdraw")}</Button>}
            </Group>
          </Card>
        );
      })}
      {list.hasNextPage && <Button variant="default" w="fit-content" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("people.more")}</Button>}
    </Stack>
  );
}
