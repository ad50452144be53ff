import { Badge, Button, Card, Chip, Collapse, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useDisclosure } from "@mantine/hooks";
import { FolderOpen, ShieldAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { usePatientId } from "../session/session";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { CategoryIcon } from "./icons";
import { codeBookQuery, recordsQuery } from "./queries";
import { cardsAtOnce, groupsOf } from "./record-groups";
import { WhoCanRead } from "./WhoCanRead";
import { useWords } from "./words";

type PatientRecord = Schemas["PatientRecord"];

/** What there is about the patient, from whom and of when; the contents stay with the hospitals. */
export function RecordsPage() {
  const { t } = useTranslation();
  const records = useQuery(recordsQuery(usePatientId()));
  return (
    <Page title={t("records.title")} lead={t("records.lead")}>
      {records.isPending && <Waiting rows={4} />}
      {records.isError && <Problem error={records.error} retry={() => void records.refetch()} />}
      {records.data?.length === 0 && <Empty icon={<FolderOpen />}>{t("records.none")}</Empty>}
      {records.data && records.data.length > 0 && <RecordList records={records.data} />}
    </Page>
  );
}

function RecordList({ records }: { records: PatientRecord[] }) {
  const { t } = useTranslation();
  const words = useWords();
  const [kind, setKind] = useState<string>("");
  const kinds = [...new Set(records.flatMap((record) => record.categories))];
  const shown = kind ? records.filter((record) => record.categories.includes(kind)) : records;
  const [most, setMost] = useState(cardsAtOnce);
  return (
    <Stack gap="lg">
      {kinds.length > 1 && (
        <Chip.Group value={kind} onChange={(value) => setKind(value as string)}>
          <Group gap="xs" role="group" aria-label={t("records.filter")}>
            <Chip value="">{t("records.all", { count: records.length })}</Chip>
            {kinds.map((token) => <Chip key={token} value={token}>{words.category(token)}</Chip>)}
          </Group>
        </Chip.Group>
      )}
      {groupsOf(shown, most).map((group) => (
        <Stack key={group.custodian} gap="sm" component="section" aria-label={words.member(group.custodian)}>
          <Group justify="space-between"><Title order={2} size="h4">{words.member(group.custodian)}</Title><Text size="sm" c="var(--hs-muted)">{t("records.count", { count: group.count })}</Text></Group>
          {group.shown.map((record) => <RecordCard key={`${record.custodian}/${record.recordId}`} record={record} />)}
        </Stack>
      ))}
      {shown.length > most && <Button variant="default" w="fit-content" onClick={() => setMost(most + cardsAtOnce)}>{t("action.showMore")}</Button>}
    </Stack>
  );
}

function RecordCard({ record }: { record: PatientRecord }) {
  const { t } = useTranslation();
  const words = useWords();
  const { data: book } = useSuspenseQuery(codeBookQuery(usePatientId()));
  const [open, panel] = useDisclosure(false);
  const title = words.list([...new Set(record.categories.map(words.category))]);
  return (
    <Card withBorder padding="md" component="article">
      <Group wrap="nowrap" align="flex-start" gap="md">
        <CategoryIcon code={record.categories[0] && book?.codeOf(record.categories[0])} />
        <Stack gap={4} flex={1} miw={0}>
          <Title order={3} size="h5">{title}</Title>
          <Text size="sm" c="var(--hs-muted)">{t("records.from", { date: words.date(record.date), member: words.member(record.custodian) })}</Text>
          {record.fates.map((fate) => (
            <Text key={`${fate.relation}/${fate.at}`} size="sm" fw={600}>{t(`records.fate.${fate.relation as "replaces"}`, { date: words.date(fate.at) })}</Text>
          ))}
          {(record.labels.length > 0 || record.confidentiality !== "N") && (
            <Group gap="xs" mt={4}>
              {record.labels.map((label) => (
                <Badge key={label} color="grape" variant="light" leftSection={<ShieldAlert size={12} aria-hidden />}>{t("records.sensitive", { label: words.label(label) })}</Badge>
              ))}
              {record.confidentiality === "R" && <Badge variant="light" color="gray">{t("records.restricted")}</Badge>}
              {record.confidentiality === "V" && <Badge variant="light" color="gray">{t("records.veryRestricted")}</Badge>}
            </Group>
          )}
          <Group mt={6}>
            <Button variant="subtle" size="compact-sm" px={0} onClick={panel.toggle} aria-expanded={open} aria-label={`${t("records.whoCanRead")}: ${title}, ${words.date(record.date)}`}>
              {open ? t("action.hideDetails") : t("records.whoCanRead")}
            </Button>
          </Group>
          <Collapse expanded={open}>{open && <WhoCanRead record={record} />}</Collapse>
        </Stack>
      </Group>
    </Card>
  );
}
