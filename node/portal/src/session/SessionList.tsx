import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { Problem } from "../ui/Problem";
import { Waiting } from "../ui/Waiting";
import { endSession, listSessions, type SessionEntry } from "./session-api";

/** Where the person is signed in, with a way to end each. */
export function SessionList() {
  const { t } = useTranslation();
  const sessions = useQuery({ queryKey: ["sessions"], queryFn: listSessions });
  return (
    <Stack gap="sm" component="section">
      <Title order={2} size="h4">{t("sessions.title")}</Title>
      <Text size="sm" c="var(--hs-muted)">{t("sessions.lead")}</Text>
      {sessions.isPending && <Waiting rows={1} />}
      {sessions.isError && <Problem error={sessions.error} retry={() => void sessions.refetch()} />}
      {sessions.data?.map((entry) => <SessionCard key={entry.id} entry={entry} />)}
    </Stack>
  );
}

function SessionCard({ entry }: { entry: SessionEntry }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const end = useAction({ mutationFn: () => endSession(entry.id), onSuccess: () => client.invalidateQueries({ queryKey: ["sessions"] }) });
  const time = (text: string) => new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));
  return (
    <Card withBorder padding="md" component="article">
      <Group wrap="nowrap" align="flex-start">
        <span className="hs-icon" aria-hidden><MonitorSmartphone size={20} /></span>
        <Stack gap={4} flex={1} miw={0}>
          <Group justify="space-between" gap="xs"><Text fw={600}>{browserOf(entry.userAgent) ?? t("sessions.unknown")}</Text>
            {entry.current && <Badge variant="light" color="green">{t("sessions.this")}</Badge>}</Group>
          <Text size="sm" c="var(--hs-muted)">{t("sessions.seen", { time: time(entry.lastSeenAt), since: time(entry.createdAt) })}</Text>
          {!entry.current && <Button size="xs" w="fit-content" variant="light" color="red" loading={end.isPending} onClick={() => end.mutate()}>{t("sessions.end")}</Button>}
          {end.isError && <Problem error={end.error} />}
        </Stack>
      </Group>
    </Card>
  );
}

/** A browser's name from what it calls itself; for people to recognise a device by, nothing rests on it. */
export function browserOf(userAgent: string | null | undefined): string | undefined {
  if (!userAgent) return undefined;
  const browser = [["Edg/", "Edge"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]].find(([mark]) => userAgent.includes(mark!))?.[1];
  const system = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]].find(([mark]) => userAgent.includes(mark!))?.[1];
  return [browser, system].filter(Boolean).join(", ") || undefined;
}
