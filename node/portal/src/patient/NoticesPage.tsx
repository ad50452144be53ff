import { Button, Card, Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Bell, Building2, KeyRound, Scale, ScanLine, ShieldCheck, Siren, TriangleAlert, Users, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { usePatientId } from "../session/session";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { placeOf } from "./notices";
import { noticesQuery, unconfirmedQuery } from "./queries";
import { useWords } from "./words";

const icons: Record<string, LucideIcon> = {
  emergency: Siren, emergencyReview: Scale, credentialAdded: KeyRound, credentialRevoked: KeyRound, hospitalLinked: Building2, delegateAppointed: Users,
  signerVouched: Users, signerObjected: Users, consentAccepted: ShieldCheck, consentRevoked: ShieldCheck, consentAttested: ShieldCheck,
  consentWithdrawn: ShieldCheck, consentCoSigned: ShieldCheck, consentConfirmed: ShieldCheck, delegateRevoked: Users, handleUsed: ScanLine,
  revocationNotRelayed: TriangleAlert,
};
const kinds = [
  "emergency", "emergencyReview", "consentAttested", "consentAccepted", "consentRevoked", "credentialAdded", "credentialRevoked", "hospitalLinked",
  "delegateAppointed", "signerVouched", "signerObjected", "patientMerged", "mergeObjected", "patientErased", "erasureReported",
  "consentWithdrawn", "consentCoSigned", "consentConfirmed", "delegateRevoked", "handleUsed", "revocationNotRelayed",
] as const;

/** What happened on the channel that the patient should know of. */
export function NoticesPage() {
  const { t } = useTranslation();
  const notices = useInfiniteQuery(noticesQuery(usePatientId()));
  const waiting = new Set(useQuery(unconfirmedQuery(usePatientId())).data?.map(({ consent }) => consent.id));
  const items = notices.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={t("notices.title")} lead={t("notices.lead")}>
      {notices.isPending && <Waiting />}
      {notices.isError && <Problem error={notices.error} retry={() => void notices.refetch()} />}
      {notices.data && items.length === 0 && <Empty icon={<Bell />}>{t("notices.none")}</Empty>}
      {notices.data && <Stack gap="sm">{items.map((notice) => <NoticeCard key={`${notice.kind}/${notice.subject}/${notice.at}`} notice={notice} isUnconfirmed={notice.kind === "consentAccepted" && waiting.has(notice.subject)} />)}</Stack>}
      {notices.hasNextPage && <Button variant="default" w="fit-content" loading={notices.isFetchingNextPage} onClick={() => void notices.fetchNextPage()}>{t("action.showMore")}</Button>}
      {notices.data?.pages.some((page) => page.isCut) && <Text size="sm">{t("notices.older")}</Text>}
    </Page>
  );
}

function NoticeCard({ notice, isUnconfirmed }: { notice: Schemas["Notification"]; isUnconfirmed: boolean }) {
  const { t } = useTranslation();
  const words = useWords();
  const Icon = icons[notice.kind] ?? Bell;
  const kind = kinds.find((known) => known === notice.kind);
  const place = placeOf(notice);
  const title = kind ? t(`notice.${kind}`, { member: words.member(notice.member), subject: words.member(notice.subject) }) : notice.kind;
  return (
    <Card withBorder padding="md" component="article">
      <Group wrap="nowrap" align="flex-start">
        <span className="hs-icon" aria-hidden><Icon size={20} /></span>
        <div>
          <Text fw={600}>{title}</Text>
          <Text size="sm" c="var(--hs-muted)">
            <time dateTime={notice.at}>{words.time(notice.at)}</time>{notice.until && ` · ${t("notices.until", { time: words.time(notice.until) })}`}
          </Text>
          {place && <Link to={place} aria-label={`${t("notices.look")}: ${title}, ${words.time(notice.at)}`}>{t("notices.look")}</Link>}
          {isUnconfirmed && <Text size="sm">{t("notices.unconfirmed")} <Link to="/permissions/confirmations">{t("confirm.look")}</Link></Text>}
        </div>
      </Group>
    </Card>
  );
}
