import { Alert, Badge, Button, Card, Code, Group, Progress, Stack, Text, TextInput, Title } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { BadgeCheck, ShieldQuestion } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, bodyOf, type Schemas } from "../api/client";
import { Facts } from "../ui/Facts";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { isHash, shareOf } from "./verification";

const key = ["verifications"];
const colors: Record<Schemas["VerificationState"], string> = { running: "blue", passed: "green", faultFound: "red", interrupted: "yellow", failed: "yellow" };
const time = (text: string) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(text));

/** Has this regulator's own node verify the whole channel, and shows how far it is and what it found. */
export function VerifyPage() {
  const { t } = useTranslation("staff");
  const runs = useInfiniteQuery({
    queryKey: key, initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => bodyOf(api.GET("/api/v1/verifications", { params: { query: { cursor: pageParam, limit: 10 } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: ({ state }) => (state.data?.pages[0]?.items.some((run) => run.state === "running") ? 1000 : false),
  });
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={t("verify.title")} lead={t("verify.lead")}>
      <StartForm running={items.some((run) => run.state === "running")} />
      {runs.isPending && <Waiting rows={1} />}
      {runs.isError && <Problem error={runs.error} retry={() => void runs.refetch()} />}
      {runs.data && items.length === 0 && <Empty icon={<ShieldQuestion />}>{t("verify.none")}</Empty>}
      <Stack gap="sm">{items.map((run) => <RunCard key={run.id} run={run} />)}</Stack>
      {runs.hasNextPage && <Button variant="default" w="fit-content" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>{t("verify.more")}</Button>}
      <Card withBorder padding="lg" maw="44rem" component="section">
        <Stack>
          <Title order={2} size="h4">{t("verify.how")}</Title>
          <Text size="sm">{t("verify.elsewhere")}</Text>
          <Code block tabIndex={0}>healthshare audit verify --connection connection.json --msp RegulatorMSP</Code>
          <Alert color="blue">{t("verify.live")}</Alert>
        </Stack>
      </Card>
    </Page>
  );
}

function StartForm({ running }: { running: boolean }) {
  const { t } = useTranslation("staff");
  const client = useQueryClient();
  const [genesis, setGenesis] = useState("");
  const hash = genesis.trim();
  const wrong = hash !== "" && !isHash(hash);
  const start = useAction({
    mutationFn: () => bodyOf(api.POST("/api/v1/verifications", { body: { genesis: hash || null } })),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
  return (
    <Card withBorder padding="lg" maw="44rem" component="section">
      <form onSubmit={(event) => {
        event.preventDefault();
        if (!wrong && !running) start.mutate();
      }}>
        <Stack>
          <Text>{t("verify.does")}</Text>
          <TextInput label={t("verify.genesis")} description={t("verify.genesisHint")} value={genesis} onChange={(event) => setGenesis(event.currentTarget.value)}
            error={wrong && t("verify.genesisWrong")} autoComplete="off" spellCheck={false} />
          {start.isError && <Problem error={start.error} />}
          <Button type="submit" w="fit-content" leftSection={<BadgeCheck size={18} aria-hidden />} loading={start.isPending || running} disabled={wrong}>{t("verify.go")}</Button>
        </Stack>
      </form>
    </Card>
  );
}

function RunCard({ run }: { run: Schemas["VerificationRun"] }) {
  const { t } = useTranslation("staff");
  const { result } = run;
  const share = shareOf(run);
  const unjudged = Object.entries(result?.notChecked ?? {});
  return (
    <Card withBorder padding="lg" component="article">
      <Stack gap="sm">
        <Group justify="space-between"><Title order={2} size="h5">{t("verify.run", { time: time(run.startedAt) })}</Title>
          <Badge variant="light" color={colors[run.state]}>{t(`verify.state.${run.state}`)}</Badge></Group>
        {run.state === "running" && <Progress value={share ?? 0} aria-label={t("verify.progress")} />}
        <Text size="sm" role={run.state === "running" ? "status" : undefined}>
          {run.blocksTotal === null || run.blocksTotal === undefined ? t("verify.starting") : t("verify.blocks", { done: run.blocksDone, count: run.blocksTotal })}
        </Text>
        {run.state === "interrupted" && <Alert color="yellow">{t("verify.interrupted")}</Alert>}
        {run.state === "failed" && <Alert color="yellow">{t("verify.failed", { code: run.reason })}</Alert>}
        {result?.fault && (
          <Alert color="red" title={t("verify.fault", { block: result.fault.block })}>
            <Text size="sm">{result.fault.kind}: {result.fault.text}</Text>
            {result.fault.transactionId && <Text size="sm" className="hs-mono">{result.fault.transactionId}</Text>}
          </Alert>
        )}
        {result && (
          <Facts entries={[
            [t("verify.members"), result.members.join(", ")],
            [t("verify.genesisOf"), <span className="hs-mono" key="genesis">{result.genesisHash}</span>],
            [t("verify.transactions"), result.transactions],
            [t("verify.signatures"), result.signatures],
            [t("verify.decisions"), t("verify.decisionCounts", { decisions: result.decisions, releases: result.releases })],
            Number(result.blocksWithoutFlags) > 0 && [t("verify.withoutFlags"), result.blocksWithoutFlags],
            unjudged.length > 0 && [t("verify.notChecked"), unjudged.map(([what, count]) => `${what} (${count})`).join("; ")],
            run.finishedAt && [t("verify.finished"), time(run.finishedAt)],
          ]} />
        )}
      </Stack>
    </Card>
  );
}
