import { Badge, Button, Card, Group, Radio, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Scale } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, bodyOf, type Schemas } from "../api/client";
import { useSession, withStepUp } from "../session/session";
import { Facts } from "../ui/Facts";
import { useMemberName } from "../ui/members";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";

const key = ["emergencies"];
const outcomes = ["justified", "notJustified", "needsInquiry"] as const;

/** Emergencies that wait for their review. */
export function EmergenciesPage() {
  const { t } = useTranslation("staff");
  const open = useQuery({ queryKey: key, queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/emergency-access", { signal })), refetchInterval: 30_000 });
  return (
    <Page title={t("reviews.title")} lead={t("reviews.lead")}>
      {open.isPending && <Waiting />}
      {open.isError && <Problem error={open.error} retry={() => void open.refetch()} />}
      {open.data?.emergencies.length === 0 && <Empty icon={<Scale />}>{t("reviews.none")}</Empty>}
      {open.data && <Stack>{open.data.emergencies.map((emergency) => <EmergencyCard key={emergency.id} emergency={emergency} />)}</Stack>}
    </Page>
  );
}

function EmergencyCard({ emergency }: { emergency: Schemas["EmergencyView"] }) {
  const { t } = useTranslation("staff");
  const { organization, staffId } = useSession();
  const member = useMemberName();
  const client = useQueryClient();
  const [outcome, setOutcome] = useState<string>("");
  const isOwn = emergency.member === organization.mspId;
  // The words stay at the hospital that declared it, and come one by one.
  const words = useQuery({
    queryKey: ["emergency-words", emergency.id], enabled: isOwn,
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/emergency-access/{id}", { params: { path: { id: emergency.id }, query: { member: emergency.member } }, signal })),
  });
  const review = useAction({
    mutationFn: () => withStepUp(() => bodyOf(api.POST("/api/v1/emergency-access/{id}/review", {
      params: { path: { id: emergency.id }, query: { member: emergency.member } }, body: { outcome: outcome as (typeof outcomes)[number] },
    }))),
  });
  const time = (text: string) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));
  const done = review.data?.review ?? emergency.review;
  const isOverdue = Date.parse(emergency.reviewDue) < Date.now();
  return (
    <Card withBorder padding="lg" component="article">
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h4">{t("reviews.at", { member: member(emergency.member) })}</Title>
          <Badge color={done ? "green" : isOverdue ? "red" : "yellow"} variant="light">{done ? t(`outcome.${done.outcome}`) : t(isOverdue ? "reviews.overdue" : "reviews.open")}</Badge>
        </Group>
        <Facts entries={[
          [t("reviews.reason"), t(`glass.${emergency.reasonCode as "lifeThreat"}`)],
          [t("reviews.words"), words.data?.reason ?? null],
          [t("reviews.patient"), <span className="hs-mono" key="patient">{emergency.patientId}</span>],
          [t("reviews.declared"), time(emergency.declaredAt)],
          [t("reviews.until"), time(emergency.notAfter)],
          [t("reviews.due"), time(emergency.reviewDue)],
          [t("reviews.by"), <span className="hs-mono" key="by">{emergency.declaredBy.join(", ")}</span>],
        ]} />
        {words.isError && <Problem error={words.error} retry={() => void words.refetch()} />}
        {!done && isOwn && <Text size="sm">{t("reviews.own")}</Text>}
        {!done && !isOwn && staffId && (
          <>
            <Radio.Group value={outcome} onChange={setOutcome} label={t("reviews.find")}><Group mt="xs">{outcomes.map((known) => <Radio key={known} value={known} label={t(`outcome.${known}`)} />)}</Group></Radio.Group>
            {review.isError && <Problem error={review.error} />}
            <Button w="fit-content" disabled={!outcome} loading={review.isPending} onClick={() => review.mutate()}>{t("reviews.go")}</Button>
          </>
        )}
        {review.isSuccess && <Group><Text role="status">{t("reviews.done")}</Text><Button size="xs" variant="default" onClick={() => void client.invalidateQueries({ queryKey: key })}>{t("reviews.next")}</Button></Group>}
      </Stack>
    </Card>
  );
}
