import { Alert, Badge, Card, Group, Image, Stack, Table, Tabs, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import type { Message } from "../hl7/er7";
import { isWithdrawn, type Report, type ResultGroup, type ResultValue } from "../hl7/report";
import { Facts } from "../ui/Facts";
import { Problem } from "../ui/Problem";
import { Waiting } from "../ui/Waiting";
import { isCalm, isSettled, labelOf } from "./codes-in-words";
import { OriginView } from "./OriginView";
import { PartsView } from "./PartsView";
import { contentQuery } from "./queries";
import { RangeBar } from "./RangeBar";
import classes from "./RecordCard.module.css";

const times = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });

/** One record: as a report, and as the message that it is. */
export function RecordCard({ requestId, record, member }: { requestId: string; record: Schemas["AccessibleRecord"]; member: string }) {
  const { t } = useTranslation("staff");
  const content = useQuery(contentQuery(requestId, record.recordId, record.custodian));
  return (
    <Card withBorder padding="lg" component="article" aria-label={member}>
      {(content.isPending || content.data === null) && <Waiting rows={2} />}
      {content.isError && <Problem error={content.error} retry={() => void content.refetch()} />}
      {content.data && (
        <Tabs defaultValue="report" keepMounted={false}>
          <Group justify="space-between" mb="sm">
            <div><Title order={2} size="h4">{titleOf(content.data.report, t)}</Title>
              <Text size="sm" c="var(--hs-muted)">{member}{content.data.report.sentAt && ` · ${times.format(content.data.report.sentAt)}`}</Text></div>
            <Tabs.List><Tabs.Tab value="report">{t("record.report")}</Tabs.Tab><Tabs.Tab value="raw">{t("record.raw")}</Tabs.Tab><Tabs.Tab value="parts">{t("parts.tab")}</Tabs.Tab><Tabs.Tab value="origin">{t("origin.tab")}</Tabs.Tab></Tabs.List>
          </Group>
          {record.fates.map((fate) => (
            <Alert key={`${fate.relation}/${fate.at}`} color="yellow" mb="sm">{t(`fate.${fate.relation as "replaces"}`, { date: dates.format(new Date(fate.at)) })}</Alert>
          ))}
          <Tabs.Panel value="report"><ReportView report={content.data.report} /></Tabs.Panel>
          <Tabs.Panel value="raw"><RawView message={content.data.message} /></Tabs.Panel>
          <Tabs.Panel value="parts"><PartsView requestId={requestId} record={record} /></Tabs.Panel>
          <Tabs.Panel value="origin"><OriginView requestId={requestId} record={record} /></Tabs.Panel>
        </Tabs>
      )}
    </Card>
  );
}

function titleOf(report: Report, t: ReturnType<typeof useTranslation<"staff">>["t"]): string {
  return report.document?.kind || report.groups.find((group) => group.title)?.title || (report.type.startsWith("ADT") ? t("record.visit") : report.type);
}

export function ReportView({ report }: { report: Report }) {
  const { t } = useTranslation("staff");
  return (
    <Stack>
      {report.person && (
        <Group gap="lg" className="hs-person">
          <Text fw={650}>{report.person.name}</Text>
          {report.person.born && <Text size="sm">{t("record.born", { date: dates.format(report.person.born) })}</Text>}
          {report.person.sex && <Text size="sm">{t("record.sex", { sex: report.person.sex })}</Text>}
          <Text size="sm" c="var(--hs-muted)">{report.person.numbers.join(", ")}</Text>
        </Group>
      )}
      {report.document && <Facts entries={[[t("record.author"), report.document.author], report.document.at && [t("record.written"), times.format(report.document.at)]]} />}
      {report.groups.map((group, index) => <GroupView key={index} group={group} />)}
      {report.groups.length === 0 && report.visit && <Facts entries={[
        [t("record.class"), report.visit.patientClass], [t("record.ward"), report.visit.ward || null], [t("record.doctor"), report.visit.doctor || null],
        [t("record.number"), report.visit.number || null], [t("record.service"), report.visit.service || null],
      ]} />}
      {report.diagnoses.length > 0 && <Facts entries={report.diagnoses.map((entry) => [entry.code, entry.text] as const)} />}
      {report.given.map((entry, index) => <Facts key={index} entries={[
        [t("given.title"), entry.name], [t("given.amount"), entry.amount || null], [t("given.at"), entry.at && times.format(entry.at)],
        [t("given.status"), entry.status && entry.status !== "CP" ? labelOf(t, "given", entry.status) : null],
      ]} />)}
      {report.unread.length > 0 && <Text size="sm" c="var(--hs-muted)">{t("record.more", { segments: report.unread.join(", ") })}</Text>}
    </Stack>
  );
}

function GroupView({ group }: { group: ResultGroup }) {
  const { t } = useTranslation("staff");
  return (
    <Stack gap="sm" component="section" aria-label={group.title || t("record.report")}>
      {group.title && <Group justify="space-between"><Title order={3} size="h5">{group.title}</Title>
        <Group gap="xs">{group.at && <Text size="sm" c="var(--hs-muted)">{times.format(group.at)}</Text>}{group.status && <Badge variant="light" color={group.status === "F" ? "green" : "yellow"}>{labelOf(t, "order", group.status)}</Badge>}</Group></Group>}
      {group.values.length > 0 && (
        <Table.ScrollContainer minWidth={0} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table verticalSpacing="xs" className={classes.values!}>
            <Table.Thead><Table.Tr><Table.Th>{t("record.test")}</Table.Th><Table.Th ta="right">{t("record.value")}</Table.Th><Table.Th>{t("record.flag")}</Table.Th><Table.Th>{t("record.range")}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>{group.values.map((value, index) => <ValueRow key={index} value={value} />)}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {group.texts.map((entry, index) => (
        <div key={index}>{entry.title !== group.title && <Text fw={600} size="sm">{entry.title}</Text>}<StatusMark status={entry.status} />
          <Text className="hs-report-text" td={isWithdrawn(entry.status) ? "line-through" : undefined}>{entry.text}</Text></div>
      ))}
      {group.files.map((file, index) => file.url
        ? <figure key={index} className="hs-figure"><Image src={file.url} alt={t("record.picture", { title: file.title })} maw={480} mah={480} fit="contain" className="hs-picture" /><figcaption><Text size="sm" c="var(--hs-muted)">{file.title} ({file.kind})</Text><StatusMark status={file.status} /></figcaption></figure>
        : <Alert key={index} color="gray">{t("record.noPreview", { title: file.title, kind: file.kind })} <StatusMark status={file.status} /></Alert>)}
      {group.notes.map((note, index) => <Text key={index} size="sm" className="hs-note">{note}</Text>)}
    </Stack>
  );
}

const flagColors: Record<string, string> = { H: "red", HH: "red", ">": "red", L: "blue", LL: "blue", "<": "blue", AA: "red", POS: "red", R: "red" };
function StatusMark({ status }: { status: string }) {
  const { t } = useTranslation("staff");
  return isSettled(status) ? null : <Badge color={isWithdrawn(status) ? "red" : "yellow"} variant="outline" miw="max-content">{labelOf(t, "observation", status)}</Badge>;
}

function ValueRow({ value }: { value: ResultValue }) {
  const { t } = useTranslation("staff");
  const withdrawn = isWithdrawn(value.status);
  const stands = !withdrawn && value.flags.some((flag) => !isCalm(flag));
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>{value.name}</Table.Th>
      <Table.Td ta="right"><Text span fw={stands ? 700 : 500} td={withdrawn ? "line-through" : undefined} className="hs-report-text">{value.value}</Text> <Text span size="sm" c="var(--hs-muted)">{value.unit}</Text></Table.Td>
      <Table.Td>
        <Group gap={4}>
          <StatusMark status={value.status} />
          {!withdrawn && value.flags.map((flag) => isCalm(flag) ? <Text key={flag} span size="sm" c="var(--hs-muted)">{labelOf(t, "flag", flag)}</Text>
            : <Badge key={flag} color={flagColors[flag] ?? "yellow"} variant="light" miw="max-content">{labelOf(t, "flag", flag)}</Badge>)}
        </Group>
      </Table.Td>
      <Table.Td>{withdrawn ? value.range : <RangeBar value={value} />}</Table.Td>
    </Table.Tr>
  );
}

function RawView({ message }: { message: Message }) {
  const { t } = useTranslation("staff");
  return (
    <pre className="hs-raw" tabIndex={0} aria-label={t("record.raw")}>
      {message.segments.map((segment, index) => <div key={index}><b>{segment.raw.slice(0, 3)}</b>{segment.raw.slice(3)}</div>)}
    </pre>
  );
}
