import { Badge, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, bodyOf } from "../api/client";
import { everyPage } from "../api/pages";
import { useMemberName } from "../ui/members";
import { Facts } from "../ui/Facts";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";

/** What members propose about each other, and how they voted. */
export function VotesPage() {
  const { t } = useTranslation("staff");
  const member = useMemberName();
  const proposals = useQuery({
    queryKey: ["proposals"],
    queryFn: ({ signal }) => everyPage(async (cursor) => {
      const page = await bodyOf(api.GET("/api/v1/organizations/proposals", { params: { query: { cursor } }, signal }));
      return { items: page.proposals, next: page.next };
    }),
  });
  const time = (text: string) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));
  return (
    <Page title={t("votes.title")} lead={t("votes.lead")}>
      {proposals.isPending && <Waiting />}
      {proposals.isError && <Problem error={proposals.error} retry={() => void proposals.refetch()} />}
      {proposals.data?.length === 0 && <Empty>{t("votes.none")}</Empty>}
      <Stack>{proposals.data?.map(({ proposal, votes }) => {
        const [kind, subject] = subjectOf(proposal.change);
        return (
          <Card key={proposal.proposalId} withBorder padding="lg" component="article">
            <Group justify="space-between"><Title order={2} size="h4">{t(`votes.${kind}`)} {subject && member(subject)}</Title>
              <Badge variant="light" color={proposal.appliedAt ? "green" : "yellow"}>{t(proposal.appliedAt ? "votes.applied" : "votes.open")}</Badge></Group>
            <Facts entries={[
              [t("votes.by"), member(proposal.proposedBy)], [t("votes.at"), time(proposal.proposedAt)],
              proposal.appliedAt && [t("votes.since"), time(proposal.appliedAt)],
              [t("votes.votes"), <Text key="votes" size="sm">{votes.map((vote) => member(vote.member)).join(", ")}</Text>],
            ]} />
          </Card>
        );
      })}</Stack>
    </Page>
  );
}

interface Change { admit?: { mspId: string } | null; kind?: { mspId: string } | null; suspend?: string | null; reinstate?: string | null }

function subjectOf(change: Change): ["admit" | "kind" | "suspend" | "reinstate" | "settings", string | null] {
  if (change.admit) return ["admit", change.admit.mspId];
  if (change.kind) return ["kind", change.kind.mspId];
  if (change.suspend) return ["suspend", change.suspend];
  return change.reinstate ? ["reinstate", change.reinstate] : ["settings", null];
}
