import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { askedQuery } from "./queries";

/** What one asked for, and what one read of it; everything, page by page, or the latest few. */
export function AskedList({ latest }: { latest?: number }) {
  const { t } = useTranslation("staff");
  const asked = useInfiniteQuery(askedQuery);
  const time = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const items = asked.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack gap="sm" component="section">
      {latest && <div><Title order={2} size="h4">{t("asked.title")}</Title><Text size="sm" c="var(--hs-muted)">{t("asked.lead")}</Text></div>}
      {asked.isPending && <Waiting rows={2} />}
      {asked.isError && <Problem error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && items.length === 0 && <Empty>{t("asked.none")}</Empty>}
      {items.slice(0, latest).map((entry) => (
        <Card key={entry.id} component={Link} to={`/requests/${entry.id}`} withBorder padding="md" className="hs-link-card">
          <Group justify="space-between">
            <div><Group gap="sm"><Text fw={600}>{t("asked.read", { count: entry.read })}</Text>{entry.partial && <Badge variant="light" color="yellow">{t("asked.partial")}</Badge>}</Group>
              <Text size="sm" c="var(--hs-muted)" className="hs-mono">{entry.patientId}</Text></div>
            <Text size="sm" c="var(--hs-muted)">{t(`purpose.${entry.purpose as "TREAT"}`)} · {time.format(new Date(entry.askedAt))}</Text>
          </Group>
        </Card>
      ))}
      {latest ? items.length > latest && <Button component={Link} to="/requests" variant="default" w="fit-content">{t("asked.all")}</Button>
        : asked.hasNextPage && <Button variant="default" w="fit-content" loading={asked.isFetchingNextPage} onClick={() => void asked.fetchNextPage()}>{t("asked.more")}</Button>}
    </Stack>
  );
}
