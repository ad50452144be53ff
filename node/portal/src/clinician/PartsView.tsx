import { Button, Card, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Download, FileText } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import type { Schemas } from "../api/client";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { fileNameOf } from "./file-name";
import { downloadPart, partsQuery } from "./queries";

/** The documents and images in a record, each to be saved. None is shown here: a sender chose its type and bytes. */
export function PartsView({ requestId, record }: { requestId: string; record: Schemas["AccessibleRecord"] }) {
  const { t } = useTranslation("staff");
  const parts = useQuery(partsQuery(requestId, record.recordId, record.custodian));
  if (parts.isPending) return <Waiting rows={1} />;
  if (parts.isError) return <Problem error={parts.error} retry={() => void parts.refetch()} />;
  if (!parts.data) return <Text size="sm" role="status">{t("origin.waiting")}</Text>;
  if (parts.data.length === 0) return <Empty icon={<FileText />}>{t("parts.none")}</Empty>;
  return (
    <Stack gap="sm">
      {parts.data.map((part) => <PartCard key={part.number} requestId={requestId} record={record} part={part} />)}
      <Text size="sm" c="var(--hs-muted)">{t("parts.logged")}</Text>
    </Stack>
  );
}

function PartCard({ requestId, record, part }: { requestId: string; record: Schemas["AccessibleRecord"]; part: Schemas["RecordPart"] }) {
  const { t } = useTranslation("staff");
  const save = useAction({ mutationFn: () => downloadPart(requestId, record.recordId, record.custodian, part.number, fileNameOf(record.recordId, part)) });
  const title = t("parts.title", { number: part.number });
  return (
    <Card withBorder padding="md" component="article" aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between" gap="sm">
          <Group wrap="nowrap" gap="md" miw={0} flex="1 1 14rem">
            <span className="hs-icon" aria-hidden><FileText size={20} /></span>
            <div><Text fw={600}>{title}</Text><Text size="sm" c="var(--hs-muted)">{part.mediaType} · {sizeOf(part.size)} · {part.place}</Text></div>
          </Group>
          <Button size="sm" variant="light" leftSection={<Download size={18} aria-hidden />} loading={save.isPending} onClick={() => save.mutate()} aria-label={t("parts.saveIt", { title })}>{t("parts.save")}</Button>
        </Group>
        {save.isError && <Problem error={save.error} retry={() => save.mutate()} />}
        {save.isSuccess && <Text size="sm" role="status">{save.data ? t("parts.saved") : t("origin.waiting")}</Text>}
      </Stack>
    </Card>
  );
}

const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

function sizeOf(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return new Intl.NumberFormat(undefined, { style: "unit", unit: units[step]!, unitDisplay: "short", maximumFractionDigits: 1 }).format(bytes / 1000 ** step);
}
