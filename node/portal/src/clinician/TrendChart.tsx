import "@mantine/charts/styles.css";
import { LineChart } from "@mantine/charts";
import { Card, Stack, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Trend } from "./Trends";

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "short" });

/** A chart for each test; the numbers stand in the tables as well. Loaded only where there is something to draw. */
export default function TrendChart({ trends }: { trends: Trend[] }) {
  const { t } = useTranslation("staff");
  return (
    <Stack component="section" aria-label={t("trend.title")}>
      <Title order={2} size="h4">{t("trend.title")}</Title>
      <div className="hs-wide-cards">
        {trends.map((trend) => (
          <Card key={trend.key} withBorder padding="lg" component="figure" m={0}>
            <figcaption><Title order={3} size="h5" mb="sm">{trend.name}</Title></figcaption>
            <LineChart h={220} data={trend.points.map((point) => ({ at: point.at, [trend.name]: point.value }))} dataKey="at"
              xAxisProps={{ type: "number", scale: "time", domain: ["dataMin", "dataMax"], tickFormatter: (at: number) => dates.format(at) }}
              tooltipProps={{ labelFormatter: (at) => dates.format(Number(at)) }} unit={` ${trend.unit}`}
              series={[{ name: trend.name, color: "sea.7" }]} curveType="linear" withLegend={false}
              referenceLines={[
                ...(trend.low === null ? [] : [{ y: trend.low, label: t("trend.low"), color: "green.8" }]),
                ...(trend.high === null ? [] : [{ y: trend.high, label: t("trend.high"), color: "green.8" }]),
              ]} />
          </Card>
        ))}
      </div>
    </Stack>
  );
}
