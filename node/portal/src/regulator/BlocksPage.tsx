import { Badge, Button, Card, Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Blocks } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { api, bodyOf } from "../api/client";
import { Page } from "../ui/Page";
import { blockOf } from "./decisions";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";

const time = (text: string) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(text));

/** The channel's blocks as this node's copy has them, newest first, or from the one on that the address names. */
export function BlocksPage() {
  const { t } = useTranslation("staff");
  const [search] = useSearchParams();
  const newest = blockOf(search.get("newest"));
  const blocks = useInfiniteQuery({
    queryKey: ["blocks", newest], initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => bodyOf(api.GET("/api/v1/ledger/blocks", { params: { query: { newest, cursor: pageParam } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: 30_000,
  });
  const items = blocks.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={t("blocks.title")} lead={t("blocks.lead")}>
      {newest !== undefined && <Group gap="sm"><Text size="sm">{t("blocks.from", { number: newest })}</Text><Button component={Link} to="/blocks" size="xs" variant="default">{t("blocks.newest")}</Button></Group>}
      {blocks.isPending && <Waiting />}
      {blocks.isError && <Problem error={blocks.error} retry={() => void blocks.refetch()} />}
      {blocks.data && items.length === 0 && <Empty icon={<Blocks />}>{t("blocks.none")}</Empty>}
      <Stack gap="sm">{items.map((block) => (
        <Card key={block.number} withBorder padding="md" component="article" className={block.number === newest ? "hs-linked" : undefined}>
          <Group justify="space-between">
            <Group gap="sm"><Text fw={600}>{t("blocks.number", { number: block.number })}</Text>
              <Badge variant="light" color={block.valid === block.transactions ? "green" : "yellow"}>{t("blocks.valid", { valid: block.valid, count: block.transactions })}</Badge></Group>
            {block.at && <Text size="sm" c="var(--hs-muted)">{time(block.at)}</Text>}
          </Group>
          <Text size="sm" mt="xs" className="hs-mono" c="var(--hs-muted)" style={{ overflowWrap: "anywhere" }}>{block.headerHash}</Text>
        </Card>
      ))}</Stack>
      {blocks.hasNextPage && <Button variant="default" w="fit-content" loading={blocks.isFetchingNextPage} onClick={() => void blocks.fetchNextPage()}>{t("blocks.more")}</Button>}
    </Page>
  );
}
