import { Badge, Card, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, bodyOf } from "../api/client";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";

/** Disagreements between the ledger and this node's own checks. */
export function IncidentsPage() {
  const { t } = useTranslation("staff");
  const incidents = useQuery({ queryKey: ["incidents"], queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/incidents", { signal })), refetchInterval: 30_000 });
  const time = (text: string) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(text));
  return (
    <Page title={t("incidents.title")} lead={t("incidents.lead")}>
      {incidents.isPending && <Waiting />}
      {incidents.isError && <Problem error={incidents.error} retry={() => void incidents.refetch()} />}
      {incidents.data?.length === 0 && <Empty icon={<ShieldCheck />}>{t("incidents.none")}</Empty>}
      {incidents.data && <Stack gap="sm">{incidents.data.map((incident) => (
        <Card key={`${incident.happenedAt}/${incident.subject}/${incident.code}`} withBorder padding="md" component="article">
          <Group justify="space-between"><Badge color="red" variant="light">{incident.code}</Badge><Text size="sm" c="var(--hs-muted)">{time(incident.happenedAt)}</Text></Group>
          <Text mt="xs">{incident.detail}</Text>
          <Text size="sm" className="hs-mono" c="var(--hs-muted)">{[incident.subject, incident.patientId].filter(Boolean).join(" · ")}</Text>
        </Card>
      ))}</Stack>}
    </Page>
  );
}
