import { Alert, Badge, Button, Card, Group, Loader, Modal, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Inbox, RotateCcw } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, bodyOf, type Schemas } from "../api/client";
import { useSession, withStepUp } from "../session/session";
import { Facts } from "../ui/Facts";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";

const states = ["all", "quarantined", "received", "registered", "discarded"] as const;
type State = (typeof states)[number];
const key = ["messages"];
const colors: Record<string, string> = { registered: "green", quarantined: "red", discarded: "gray" };
const isUnderWay = (state: string | undefined) => state === "received" || state === "parsed" || state === "stored";
const time = (text: string) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(text));

/** What came in, how far it has come, and what waits in quarantine; never its content. */
export function MessagesPage() {
  const { t } = useTranslation("staff");
  const [state, setState] = useState<State>("all");
  const [open, setOpen] = useState<string | null>(null);
  const list = useInfiniteQuery({
    queryKey: [...key, state], initialPageParam: undefined as string | undefined, refetchInterval: 15_000,
    queryFn: ({ pageParam, signal }) => bodyOf(api.GET("/api/v1/messages", { params: { query: { state: state === "all" ? undefined : state, cursor: pageParam, limit: 25 } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const messages = list.data?.pages.flatMap((page) => page.messages) ?? [];
  return (
    <Page title={t("messages.title")} lead={t("messages.lead")}>
      <SegmentedControl value={state} onChange={(value) => setState(value as State)} data={states.map((value) => ({ value, label: t(`messages.${value}`) }))} aria-label={t("messages.filter")} className="hs-scroll" />
      {list.isPending && <Waiting />}
      {list.isError && <Problem error={list.error} retry={() => void list.refetch()} />}
      {list.data && messages.length === 0 && <Empty icon={<Inbox />}>{t("messages.none")}</Empty>}
      <Stack gap="sm">
        {messages.map((message) => (
          <Card key={message.id} withBorder padding="md" component="article">
            <Group justify="space-between" align="flex-start">
              <div><Group gap="sm"><Text fw={600}>{message.type ?? t("messages.unread")}</Text><Badge variant="light" color={colors[message.state] ?? "yellow"}>{message.state}</Badge>
                {message.controlIdReused && <Badge variant="light" color="yellow">{t("messages.reused")}</Badge>}</Group>
                <Text size="sm" c="var(--hs-muted)">{t("messages.line", { time: time(message.receivedAt), door: message.door, size: message.size })}</Text>
                {message.reasonCode && <Text size="sm" c="var(--mantine-color-red-light-color)">{message.reasonCode}{message.reason && `: ${message.reason}`}</Text>}</div>
              <Button size="xs" variant="default" onClick={() => setOpen(message.id)} aria-label={`${t("messages.details")}, ${message.type ?? ""}, ${time(message.receivedAt)}`}>{t("messages.details")}</Button>
            </Group>
          </Card>
        ))}
      </Stack>
      {list.hasNextPage && <Button variant="default" w="fit-content" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("messages.more")}</Button>}
      <Modal opened={open !== null} onClose={() => setOpen(null)} title={<b>{t("messages.one")}</b>} size="lg" closeButtonProps={{ "aria-label": t("messages.close") }}>
        {open && <MessageDetails id={open} />}
      </Modal>
    </Page>
  );
}

function MessageDetails({ id }: { id: string }) {
  const { t } = useTranslation("staff");
  const { role } = useSession();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const message = useQuery({
    queryKey: ["message", id], queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/messages/{id}", { params: { path: { id } }, signal })),
    // On its way it goes on by itself, and this says how it ends.
    refetchInterval: (query) => (isUnderWay(query.state.data?.state) ? 2_000 : false),
  });
  const state = message.data?.state;
  useEffect(() => {
    if (state) void client.invalidateQueries({ queryKey: key });
  }, [state, client]);
  const refresh = () => Promise.all([client.invalidateQueries({ queryKey: key }), message.refetch()]);
  const replay = useAction({ mutationFn: () => withStepUp(() => bodyOf(api.POST("/api/v1/messages/{id}/replay", { params: { path: { id } } }))), onSuccess: refresh });
  const discard = useAction({ mutationFn: () => withStepUp(() => bodyOf(api.POST("/api/v1/messages/{id}/discard", { params: { path: { id } }, body: { reason } }))), onSuccess: refresh });
  if (message.isPending) return <Waiting rows={2} />;
  if (message.isError) return <Problem error={message.error} retry={() => void message.refetch()} />;
  const data = message.data;
  return (
    <Stack>
      <Facts entries={[
        [t("messages.id"), <span className="hs-mono" key="id">{data.id}</span>], [t("messages.state"), data.state], [t("messages.received"), time(data.receivedAt)],
        data.facility && [t("messages.facility"), <span className="hs-mono" key="facility">{data.facility}</span>],
        data.patientId && [t("messages.patient"), <span className="hs-mono" key="patient">{data.patientId}</span>],
        data.recordId && [t("messages.record"), <span className="hs-mono" key="record">{data.recordId}</span>],
        [t("messages.attempts"), data.attempts],
        data.reasonCode && [t("messages.reason"), `${data.reasonCode}: ${data.reason ?? ""}`],
      ]} />
      <Steps steps={data.steps} />
      {isUnderWay(data.state) && <Group gap="sm" role="status"><Loader size="sm" aria-hidden /><Text size="sm">{t("messages.underWay")}</Text></Group>}
      {replay.isSuccess && data.state === "quarantined" && <Alert color="yellow" role="status">{t("messages.again")}</Alert>}
      {replay.isSuccess && data.state === "registered" && <Alert color="green" role="status">{t("messages.mended")}</Alert>}
      {role === "itAdministrator" && data.state === "quarantined" && (
        <Stack gap="sm">
          <Button w="fit-content" leftSection={<RotateCcw size={16} aria-hidden />} loading={replay.isPending} onClick={() => replay.mutate()}>{t("messages.replay")}</Button>
          <TextInput label={t("messages.why")} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          <Button w="fit-content" color="red" variant="light" disabled={reason.trim() === ""} loading={discard.isPending} onClick={() => discard.mutate()}>{t("messages.discard")}</Button>
          {(replay.error ?? discard.error) && <Problem error={replay.error ?? discard.error} />}
        </Stack>
      )}
    </Stack>
  );
}

function Steps({ steps }: { steps: Schemas["MessageStep"][] | null | undefined }) {
  return <ol className="hs-steps">{steps?.map((step) => <li key={`${step.at}/${step.step}`}><Text size="sm"><b>{step.step}</b> · {time(step.at)} · {step.actor}{step.detail && ` · ${step.detail}`}</Text></li>)}</ol>;
}
