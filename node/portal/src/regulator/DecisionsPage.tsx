import { Alert, Badge, Button, Card, Checkbox, Collapse, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Scale } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { api, bodyOf, type Schemas } from "../api/client";
import staff from "../i18n/staff-messages";
import { Facts } from "../ui/Facts";
import { organizationsQuery, useMemberName } from "../ui/members";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { filterOf, isBackwards, outcomes, queryOf, reasonsOf, searchOf, type DecisionFilter } from "./decisions";

const colors: Record<string, string> = { permitted: "green", partly: "yellow", denied: "gray" };
const time = (text: string) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(text));

/** What the channel decided about requests for records, of every member. */
export function DecisionsPage() {
  const { t } = useTranslation("staff");
  const [search, setSearch] = useSearchParams();
  // Kept here as well: the address follows a moment later, and a field must not fall back until then.
  const [filter, setFilter] = useState(() => filterOf(search));
  const [seen, setSeen] = useState(search.toString());
  if (seen !== search.toString()) {
    setSeen(search.toString());
    setFilter(filterOf(search));
  }
  const query = queryOf(filter);
  const isWrong = isBackwards(filter);
  const list = useInfiniteQuery({
    queryKey: ["decisions", query], initialPageParam: undefined as string | undefined, enabled: !isWrong, refetchInterval: 30_000,
    queryFn: ({ pageParam, signal }) => bodyOf(api.GET("/api/v1/ledger/decisions", { params: { query: { ...query, cursor: pageParam, limit: 20 } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const isNarrowed = Object.keys(searchOf(filter)).length > 0;
  return (
    <Page title={t("decisions.title")} lead={t("decisions.lead")}>
      <Filters filter={filter} isWrong={isWrong} onChange={(next) => {
        setFilter(next);
        setSearch(searchOf(next), { replace: true });
      }} />
      {!isWrong && list.isPending && <Waiting />}
      {list.isError && <Problem error={list.error} retry={() => void list.refetch()} />}
      {!isWrong && list.data && items.length === 0 && <Empty icon={<Scale />}>{t(isNarrowed ? "decisions.noneOfKind" : "decisions.none")}</Empty>}
      {!isWrong && <Stack gap="sm">{items.map((item) => <DecisionCard key={`${item.patientId}/${item.requester}/${item.accessId}`} item={item} />)}</Stack>}
      {!isWrong && list.hasNextPage && <Button variant="default" w="fit-content" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("decisions.more")}</Button>}
    </Page>
  );
}

function Filters({ filter, isWrong, onChange }: { filter: DecisionFilter; isWrong: boolean; onChange(filter: DecisionFilter): void }) {
  const { t } = useTranslation("staff");
  const members = useQuery(organizationsQuery).data?.organizations ?? [];
  const known = members.map((member) => ({ value: member.mspId, label: member.name }));
  // One that is no member any more, or none yet: the address may name any.
  const data = filter.requester && !known.some(({ value }) => value === filter.requester) ? [...known, { value: filter.requester, label: filter.requester }] : known;
  return (
    <Card withBorder padding="md" component="section" aria-label={t("decisions.filters")}>
      <Group gap="md" align="flex-end">
        <Select label={t("decisions.who")} w="14rem" data={data} value={filter.requester ?? null} placeholder={t("decisions.anybody")} clearable
          onChange={(requester) => onChange({ ...filter, requester: requester ?? undefined })} />
        <Select label={t("decisions.outcome")} w="9rem" placeholder={t("decisions.all")} clearable value={filter.outcome ?? null}
          data={outcomes.map((value) => ({ value, label: t(`decisions.outcomes.${value}`) }))}
          onChange={(outcome) => onChange({ ...filter, outcome: outcomes.find((one) => one === outcome) })} />
        <Group gap="md" wrap="nowrap">
          <TextInput type="date" label={t("decisions.from")} value={filter.from} max="9998-12-31" onChange={(event) => onChange({ ...filter, from: event.currentTarget.value })} />
          <TextInput type="date" label={t("decisions.to")} value={filter.to} max="9998-12-31" aria-invalid={isWrong} onChange={(event) => onChange({ ...filter, to: event.currentTarget.value })} />
        </Group>
        <Checkbox label={t("decisions.emergency")} checked={filter.emergency} py={8} onChange={(event) => onChange({ ...filter, emergency: event.currentTarget.checked })} />
        {Object.keys(searchOf(filter)).length > 0 && <Button variant="subtle" onClick={() => onChange({ emergency: false, from: "", to: "" })}>{t("decisions.reset")}</Button>}
      </Group>
      {isWrong && <Alert color="red" mt="sm">{t("decisions.wrongDays")}</Alert>}
    </Card>
  );
}

function DecisionCard({ item }: { item: Schemas["ChannelDecision"] }) {
  const { t } = useTranslation("staff");
  const member = useMemberName();
  const [open, details] = useDisclosure(false);
  const mono = (text: string) => <span className="hs-mono">{text}</span>;
  return (
    <Card withBorder padding="lg" component="article">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start">
          <Group gap="sm">
            <Title order={2} size="h5">{t("decisions.reader", { role: wordsOf(staff.role, item.role), member: member(item.requester) })}</Title>
            <Badge variant="light" color={colors[item.outcome] ?? "gray"}>{t(`decisions.outcomes.${item.outcome}`)}</Badge>
            {item.emergencyId && <Badge variant="light" color="red">{t("decisions.inEmergency")}</Badge>}
          </Group>
          <Text size="sm" c="var(--hs-muted)" component="time" dateTime={item.at}>{time(item.at)}</Text>
        </Group>
        <ul className="hs-list">
          {reasonsOf(item.decisions).map(([reason, count]) => <li key={reason}><Text size="sm">{count} × {reasonWords(reason)}</Text></li>)}
        </ul>
        <Facts entries={[
          [t("decisions.patient"), mono(item.patientId)],
          [t("decisions.purpose"), wordsOf(staff.purpose, item.purpose)],
          [t("decisions.staff"), mono(item.staff)],
          [t("decisions.access"), mono(item.accessId)],
          item.emergencyId && [t("decisions.emergencyId"), mono(item.emergencyId)],
          [t("decisions.block"), <Link key="block" to={`/blocks?newest=${item.block}`}>{t("blocks.number", { number: item.block })}</Link>],
          [t("decisions.transaction"), mono(item.transactionId)],
        ]} />
        <Button variant="default" size="xs" w="fit-content" aria-expanded={open} onClick={details.toggle} aria-label={`${open ? t("decisions.hide") : t("decisions.show", { count: item.decisions.length })}: ${item.accessId}`}>
          {open ? t("decisions.hide") : t("decisions.show", { count: item.decisions.length })}</Button>
        <Collapse expanded={open}>{open && (
          <Stack gap="xs" component="ul" m={0} p={0}>{item.decisions.map((decision) => (
            <li key={`${decision.custodian}/${decision.recordId}`} className="hs-plain">
              <Text size="sm">{member(decision.custodian)}: {reasonWords(decision.reason)}{decision.notAfter && `, ${t("decisions.until", { time: time(decision.notAfter) })}`}</Text>
              <Text size="sm" c="var(--hs-muted)" className="hs-mono">{[decision.recordId, decision.statementId].filter(Boolean).join(" · ")}</Text>
            </li>
          ))}</Stack>
        )}</Collapse>
      </Stack>
    </Card>
  );
}

// Roles, purposes and reasons are other members' words: what is not known here is shown as it stands.
const wordsOf = (known: Record<string, string>, code: string): string => (Object.hasOwn(known, code) ? known[code]! : code);
const reasonWords = (reason: string): string => {
  const { reason: known } = staff.decisions as { reason: Record<string, string> };
  const name = reason.replace(".", "_");
  return Object.hasOwn(known, name) ? known[name]! : reason;
};
