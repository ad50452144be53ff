import { Badge, Button, Card, Collapse, Group, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDisclosure } from "@mantine/hooks";
import { Check, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, bodyOf, type Schemas } from "../api/client";
import { usePatientId } from "../session/session";
import type { GrantBody } from "../signing/statement";
import { Problem } from "../ui/Problem";
import { Waiting } from "../ui/Waiting";
import { askedOf } from "./draft";
import { patientKey } from "./queries";
import { reasonWords } from "./WhoCanRead";
import { useWords } from "./words";

type Preview = Schemas["ConsentPreview"];

/** Who could then read what, as the node's own decision kernel says. */
export function GrantPreview({ body }: { body: GrantBody }) {
  const { t } = useTranslation();
  const words = useWords();
  const patientId = usePatientId();
  const preview = useQuery({
    queryKey: [...patientKey(patientId), "preview", askedOf(body)], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => bodyOf(api.POST("/api/v1/patients/{patientId}/consents/preview", {
      params: { path: { patientId } }, body: body as never, headers: { "Content-Type": "application/json" }, signal,
    }) as Promise<{ data?: Preview }>),
  });
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="preview" aria-live="polite">
      <Stack>
        <div><Title order={2} size="h4" id="preview">{t("preview.title")}</Title><Text size="sm" c="var(--hs-muted)">{t("preview.lead")}</Text></div>
        {preview.isPending && <Waiting rows={2} />}
        {preview.isError && <Problem error={preview.error} retry={() => void preview.refetch()} />}
        {preview.data && <Readers preview={preview.data} />}
        {preview.data?.waiting && <Text size="sm" role="status">{t("preview.waits", { time: words.time(preview.data.waiting.from) })}</Text>}
        {preview.data?.partial && <Text size="sm">{t("preview.partial")}</Text>}
      </Stack>
    </Card>
  );
}

function Readers({ preview }: { preview: Preview }) {
  const { t } = useTranslation();
  const changed = preview.readers.filter((reader) => Number(reader.gained) + Number(reader.lost) > 0);
  if (changed.length === 0) return <Text role="status">{t("preview.same")}</Text>;
  return <>{changed.map((reader) => <ReaderRow key={[reader.org, reader.role, reader.staff, reader.purpose].join()} reader={reader} preview={preview} />)}</>;
}

function ReaderRow({ reader, preview }: { reader: Schemas["PreviewReader"]; preview: Preview }) {
  const { t } = useTranslation();
  const words = useWords();
  const [open, panel] = useDisclosure(false);
  const readable = reader.records.filter((record) => record.after.permitted).length;
  const who = reader.org ? words.who({ org: reader.org, role: reader.role ?? undefined, staff: reader.staff ?? undefined }) : t("reader.anyHospital");
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{who} <Text span fw={400} c="var(--hs-muted)">· {words.purpose(reader.purpose)}</Text></Text>
        <Group gap={6}>
          {Number(reader.gained) > 0 && <Badge color="green" variant="light">{t("preview.gained", { count: Number(reader.gained) })}</Badge>}
          {Number(reader.lost) > 0 && <Badge color="red" variant="light">{t("preview.lost", { count: Number(reader.lost) })}</Badge>}
        </Group>
      </Group>
      <Text size="sm">{t("preview.readable", { readable, count: reader.records.length })}</Text>
      <Button variant="subtle" size="compact-sm" px={0} w="fit-content" aria-expanded={open} onClick={panel.toggle}>{open ? t("action.hideDetails") : t("preview.each")}</Button>
      <Collapse expanded={open}>
        <Stack gap="xs" component="ul" m={0} p={0}>
          {open && reader.records.map((decision) => {
            const record = preview.records.find((entry) => entry.recordId === decision.recordId && entry.custodian === decision.custodian);
            return (
              <Group key={`${decision.custodian}/${decision.recordId}`} component="li" wrap="nowrap" gap="sm" align="flex-start" renderRoot={(props) => <li {...props} />}>
                <ThemeIcon size={22} radius="xl" color={decision.after.permitted ? "green.9" : "gray.7"} aria-hidden>{decision.after.permitted ? <Check size={14} /> : <X size={14} />}</ThemeIcon>
                <div>
                  <Text size="sm">{record && `${words.list(record.categories.map(words.category))}, ${words.date(record.date)}`}
                    {record && record.labels.length > 0 && ` · ${words.list(record.labels.map(words.label))}`}</Text>
                  <Text size="xs" c="var(--hs-muted)">{t(decision.after.permitted ? "preview.yes" : "preview.no")} {reasonWords(decision.after.reason, t)}</Text>
                </div>
              </Group>
            );
          })}
        </Stack>
      </Collapse>
    </Stack>
  );
}
