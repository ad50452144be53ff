import { Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Eye } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePatientId } from "../session/session";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { ActivityItem, obtained } from "./ActivityItem";
import { activityQuery } from "./queries";
import classes from "./Activity.module.css";
import { useWords } from "./words";

type Filter = "all" | "obtained" | "refused" | "emergencies";
const filters: Filter[] = ["all", "obtained", "refused", "emergencies"];

/** Who obtained what, why, and by which permission. */
export function ActivityPage() {
  const { t } = useTranslation();
  const words = useWords();
  const [filter, setFilter] = useState<Filter>("all");
  const log = useInfiniteQuery(activityQuery(usePatientId()));
  const items = log.data?.pages.flatMap((page) => page.items) ?? [];
  const shown = items.filter((item) => filter === "all"
    || (filter === "emergencies" ? item.kind.startsWith("emergency") || !!item.emergencyId
      : !item.kind.startsWith("emergency") && (filter === "obtained") === obtained(item)));
  const days = Map.groupBy(shown, (item) => words.date(item.at));
  return (
    <Page title={t("activity.title")} lead={t("activity.lead")}>
      <SegmentedControl value={filter} onChange={(value) => setFilter(value as Filter)} aria-label={t("activity.filter")}
        data={filters.map((value) => ({ value, label: t(`activity.${value}`) }))} className={classes.filter!} />
      {log.isPending && <Waiting rows={4} />}
      {log.isError && <Problem error={log.error} retry={() => void log.refetch()} />}
      {log.data && shown.length === 0 && <Empty icon={<Eye />}>{t(items.length === 0 ? "activity.none" : "activity.noneOfKind")}</Empty>}
      {[...days].map(([day, list]) => (
        <section key={day} aria-label={day}>
          <Text fw={650} size="sm" mb="xs" component="h2" c="var(--hs-muted)">{day}</Text>
          <Stack gap={0} component="ul" className={classes.line!}>
            {list.map((item) => <ActivityItem key={`${item.kind}/${item.accessId}/${item.recordId ?? ""}/${item.at}`} item={item} />)}
          </Stack>
        </section>
      ))}
      {log.hasNextPage && <Button variant="default" w="fit-content" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>{t("action.showMore")}</Button>}
    </Page>
  );
}
