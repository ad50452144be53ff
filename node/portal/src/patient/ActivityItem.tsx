import { Badge, Button, Collapse, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDisclosure } from "@mantine/hooks";
import { BookOpen, EyeOff, Eye, Scale, Siren } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { usePatientId } from "../session/session";
import { Facts } from "../ui/Facts";
import classes from "./Activity.module.css";
import { recordsQuery } from "./queries";
import { reasonWords } from "./WhoCanRead";
import { useWords } from "./words";

type Item = Schemas["AccessLogItem"];

/** True where the reader got something. */
export const obtained = (item: Item): boolean => item.kind === "read" || item.decisions.some((decision) => decision.permitted);

/** One entry of the timeline. */
export function ActivityItem({ item }: { item: Item }) {
  const { t } = useTranslation();
  const words = useWords();
  const [open, panel] = useDisclosure(false);
  const good = obtained(item);
  const alarm = item.kind === "emergency" || !!item.emergencyId;
  const Icon = item.kind === "emergency" ? Siren : item.kind === "emergencyReview" ? Scale : item.kind === "read" ? BookOpen : good ? Eye : EyeOff;
  const permitted = item.decisions.filter((decision) => decision.permitted).length;
  const who = t("reader.oneAt", { role: words.role(item.role), org: words.member(item.requester) });
  const titles = {
    request: t(good ? "activity.request" : "activity.requestRefused", { who }),
    read: t("activity.read", { who }),
    emergency: t("activity.emergency", { org: words.member(item.requester) }),
    emergencyReview: t("activity.review", { org: words.member(item.emergency?.review?.reviewer ?? item.requester) }),
  };
  return (
    <li className={classes.item}>
      <span className={classes.dot} data-tone={alarm ? "alarm" : good ? "good" : "quiet"} aria-hidden><Icon size={14} /></span>
      <div className={classes.card}>
        <Group justify="space-between" gap="xs" align="flex-start">
          <Text fw={600} flex="1 1 14rem">{titles[item.kind as keyof typeof titles] ?? item.kind}</Text>
          <Text size="sm" c="var(--hs-muted)" component="time" dateTime={item.at}>{words.time(item.at)}</Text>
        </Group>
        <Group gap="xs" mt={4}>
          {item.purpose && <Badge variant="light" color="gray">{words.purpose(item.purpose)}</Badge>}
          {item.kind === "request" && permitted > 0 && <Badge variant="light" color="green">{t("activity.allowed", { count: permitted })}</Badge>}
          {item.kind === "request" && item.decisions.length > permitted && <Badge variant="light" color="gray">{t("activity.refusedCount", { count: item.decisions.length - permitted })}</Badge>}
          {item.emergencyId && <Badge color="red" variant="light">{t("activity.inEmergency")}</Badge>}
        </Group>
        {item.emergency && <EmergencyFacts emergency={item.emergency} />}
        {(item.decisions.length > 0 || item.recordId) && (
          <>
            <Button variant="subtle" size="compact-sm" px={0} mt={6} aria-expanded={open} onClick={panel.toggle}
              aria-label={`${open ? t("action.hideDetails") : t("action.details")}: ${words.time(item.at)}`}>{open ? t("action.hideDetails") : t("action.details")}</Button>
            <Collapse expanded={open}>{open && <Details item={item} />}</Collapse>
          </>
        )}
      </div>
    </li>
  );
}

/** An emergency: why, how long, and what the review found. */
export function EmergencyFacts({ emergency }: { emergency: Schemas["EmergencyView"] }) {
  const { t } = useTranslation();
  const words = useWords();
  const code = (["lifeThreat", "cannotConsent"] as const).find((known) => known === emergency.reasonCode) ?? "other";
  return (
    <Stack gap="xs" mt="xs">
      <Facts entries={[
        [t("emergency.reason"), t(`emergency.${code}`)],
        [t("emergency.until"), words.time(emergency.notAfter)],
        [t("emergency.review"), emergency.review
          ? t(`emergency.${emergency.review.outcome}`, { org: words.member(emergency.review.reviewer) })
          : t("emergency.open", { time: words.time(emergency.reviewDue) })],
      ]} />
    </Stack>
  );
}

function Details({ item }: { item: Item }) {
  const { t } = useTranslation();
  const words = useWords();
  const records = useQuery(recordsQuery(usePatientId())).data ?? [];
  const nameOf = (recordId: string | null | undefined, custodian: string | null | undefined) => {
    const record = records.find((entry) => entry.recordId === recordId && entry.custodian === custodian);
    return record ? t("activity.record", { kind: words.list(record.categories.map(words.category)), date: words.date(record.date) }) : t("activity.aRecord");
  };
  if (item.kind === "read") return <Facts entries={[[t("scope.what"), nameOf(item.recordId, item.custodian)], [t("scope.from"), item.custodian && words.member(item.custodian)]]} />;
  return (
    <Stack gap="sm" component="ul" m={0} mt="xs" p={0}>
      {item.decisions.map((decision) => {
        const release = item.releases.find((entry) => entry.custodian === decision.custodian && entry.recordIds.includes(decision.recordId));
        return (
          <li key={`${decision.custodian}/${decision.recordId}`} className="hs-plain">
            <Text size="sm" fw={600}>{nameOf(decision.recordId, decision.custodian)} · {words.member(decision.custodian)}</Text>
            <Text size="sm" c="var(--hs-muted)">
              {t(decision.permitted ? "preview.yes" : "preview.no")} {reasonWords(decision.reason, t)}{" "}
              {decision.statementId && <Link to={`/permissions#${decision.statementId}`}>{t("activity.permission")}</Link>}
              {release && <> {t("activity.released", { time: words.time(release.releasedAt) })}</>}
            </Text>
          </li>
        );
      })}
    </Stack>
  );
}
