import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, ask, bodyOf } from "../api/client";
import { useSession } from "../session/session";
import { Facts } from "../ui/Facts";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Waiting } from "../ui/Waiting";
import { isNamed, partsOf, type PartState } from "./parts";

interface Readiness {
  status: string;
  checks: Record<string, PartState>;
}

/** How the node is: its parts with the ledger's height, and whether records are held where they are to be. */
export function HealthPage() {
  const { t } = useTranslation("staff");
  const { role } = useSession();
  const node = useQuery({ queryKey: ["readiness"], queryFn: readiness, refetchInterval: 10_000 });
  const content = useQuery({ queryKey: ["content-health"], queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/content/health", { signal })), refetchInterval: 30_000 });
  const check = useAction({
    mutationFn: () => bodyOf(api.POST("/api/v1/content/check", { body: { repair: true, full: false } })),
    onSettled: () => content.refetch(),
  });
  const time = (text: string | null | undefined) => (text ? new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(text)) : null);
  const pass = content.data?.lastPass;
  return (
    <Page title={t("health.title")} lead={t("health.lead")}>
      {node.isPending && <Waiting />}
      {node.isError && <Problem error={node.error} retry={() => void node.refetch()} />}
      {node.data && (
        <div className="hs-cards">{partsOf(node.data.checks).map(([part, { status, detail }]) => (
            <Card key={part} withBorder padding="lg" component="article">
              <Group justify="space-between" wrap="nowrap"><Title order={2} size="h5">{isNamed(part) ? t(`health.${part}`) : part}</Title><Badge variant="light" color={colorOf(status)}>{status}</Badge></Group>
              <Text size="sm" c="var(--hs-muted)" mt="xs">{detail ?? t("health.fine")}</Text>
            </Card>
          ))}</div>
      )}
      <Card withBorder padding="lg" component="section">
        <Group justify="space-between" mb="sm"><Title order={2} size="h4">{t("content.title")}</Title>
          {role === "itAdministrator" && <Button size="sm" variant="default" leftSection={<Activity size={16} aria-hidden />} loading={check.isPending} onClick={() => check.mutate()}>{t("content.check")}</Button>}</Group>
        {content.isPending && <Waiting rows={1} />}
        {content.isError && <Problem error={content.error} retry={() => void content.refetch()} />}
        {check.isError && <Problem error={check.error} />}
        {content.data && (
          <Stack>
            <Facts entries={[
              [t("content.state"), <Badge key="state" variant="light" color={content.data.healthy ? "green" : "red"}>{t(content.data.healthy ? "content.healthy" : "content.unhealthy")}</Badge>],
              pass && [t("content.records"), t("content.held", { held: pass.held, count: pass.records })],
              pass && [t("content.problems"), t("content.problemCounts", { missing: pass.missing, corrupt: pass.corrupt, below: pass.belowMinimum })],
              pass && [t("content.lastPass"), time(pass.finishedAt ?? pass.startedAt)],
              [t("content.copies"), content.data.minimumReplicas],
              [t("content.findings"), content.data.openFindings],
            ]} />
            {content.data.replicas.map((replica) => (
              <Group key={replica.name} gap="sm"><Badge variant="light" color={replica.unavailableSince ? "red" : "green"}>{replica.name}</Badge>
                <Text size="sm">{t("content.challenges", { count: replica.challenges ?? 0, failures: replica.failures ?? 0 })}</Text></Group>
            ))}
          </Stack>
        )}
      </Card>
    </Page>
  );
}

const colorOf = (status: string) => (status === "Healthy" ? "green" : status === "Degraded" ? "yellow" : "red");

async function readiness(): Promise<Readiness> {
  const answer = await fetch("/health/ready"); // 503 with the same body where a part is not well
  return answer.headers.get("Content-Type")?.includes("json") ? ((await answer.json()) as Readiness) : ((await ask(`${location.origin}/health/ready`)).json() as Promise<Readiness>);
}
