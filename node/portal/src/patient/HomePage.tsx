import { Alert, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Bell, ChevronRight, FolderOpen, HeartHandshake, ShieldCheck, Siren } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { usePatientId, useSession } from "../session/session";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Waiting } from "../ui/Waiting";
import classes from "./Activity.module.css";
import { ActivityItem } from "./ActivityItem";
import { ConfirmHint } from "./ConfirmHint";
import { activityQuery, consentsQuery, noticesQuery, patientQuery, recordsQuery } from "./queries";
import { SecondKeyPanel } from "./SecondKeyPanel";

const newest = 3;

/** What a patient wants to know first: who may read, who did, and what is new. */
export function HomePage() {
  const { t } = useTranslation();
  const { name } = useSession();
  const patientId = usePatientId();
  const patient = useQuery(patientQuery(patientId));
  const records = useQuery(recordsQuery(patientId));
  const consents = useInfiniteQuery(consentsQuery(patientId));
  const notices = useInfiniteQuery(noticesQuery(patientId));
  const log = useInfiniteQuery(activityQuery(patientId));
  const open = consents.data?.pages.flatMap((page) => page.consents).filter((consent) => consent.status === "active" && consent.effect === "permit").length;
  const recent = log.data?.pages[0]?.items.slice(0, newest) ?? [];
  const emergencies = notices.data?.pages.flatMap((page) => page.items).filter((notice) => notice.kind === "emergency" && Date.parse(notice.at) > Date.now() - 30 * 86_400_000) ?? [];
  const failed = patient.error ?? records.error ?? consents.error;
  return (
    <Page title={t("home.hello", { name })} lead={t("home.lead")} actions={
      <Button component={Link} to="/permissions/new" size="md" leftSection={<HeartHandshake size={20} aria-hidden />}>{t("home.share")}</Button>}>
      {failed && <Problem error={failed} retry={() => void Promise.all([patient.refetch(), records.refetch(), consents.refetch()])} />}
      {emergencies.length > 0 && (
        <Alert color="red" icon={<Siren aria-hidden />} title={t("home.emergency", { count: emergencies.length })}>
          <Link to="/activity">{t("home.emergencyHint")}</Link>
        </Alert>
      )}
      <ConfirmHint onlySoon />
      <SecondKeyPanel />
      <div className="hs-cards">
        <Summary to="/records" icon={<FolderOpen size={22} />} label={t("nav.records")} number={records.data?.length}
          text={records.data && t("home.records", { count: new Set(records.data.map((record) => record.custodian)).size })} />
        <Summary to="/permissions" icon={<ShieldCheck size={22} />} label={t("nav.permissions")} number={open} text={open === 0 ? t("home.nobody") : t("home.inForce")} />
        <Summary to="/notices" icon={<Bell size={22} />} label={t("nav.notices")} number={notices.data && Number(notices.data.pages[0]?.total ?? 0)} text={t("home.notices")} />
      </div>
      <Stack gap="sm" component="section" aria-labelledby="recent">
        <Group justify="space-between"><Title order={2} size="h4" id="recent">{t("home.recent")}</Title><Link to="/activity">{t("home.all")}</Link></Group>
        {log.isPending && <Waiting rows={2} />}
        {log.isError && <Problem error={log.error} retry={() => void log.refetch()} />}
        {log.data && recent.length === 0 && <Card withBorder padding="lg"><Text c="var(--hs-muted)">{t("activity.none")}</Text></Card>}
        {recent.length > 0 && <Stack gap={0} component="ul" className={classes.line!}>{recent.map((item) => <ActivityItem key={`${item.kind}/${item.accessId}/${item.recordId ?? ""}/${item.at}`} item={item} />)}</Stack>}
      </Stack>
    </Page>
  );
}

function Summary({ to, icon, label, number, text }: { to: string; icon: ReactNode; label: string; number: number | undefined; text: string | undefined }) {
  return (
    <Card component={Link} to={to} withBorder padding="lg" className="hs-link-card">
      <Group justify="space-between" wrap="nowrap">
        <Group gap="sm" wrap="nowrap"><span className="hs-icon" aria-hidden>{icon}</span><Text fw={600}>{label}</Text></Group>
        <ChevronRight size={18} aria-hidden />
      </Group>
      <Text fz="2rem" fw={700} lh={1.2} mt="sm">{number ?? "–"}</Text>
      <Text size="sm" c="var(--hs-muted)">{text ?? "\u00a0"}</Text>
    </Card>
  );
}
