import { useQueries } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { Schemas } from "../api/client";
import type { ResultValue } from "../hl7/report";
import { Waiting } from "../ui/Waiting";
import { contentQuery } from "./queries";

const TrendChart = lazy(() => import("./TrendChart"));

export interface Trend {
  name: string;
  unit: string;
  low: number | null;
  high: number | null;
  points: { at: number; value: number }[];
}

/** Values of the same test over time, where there are two or more of them. */
export function trendsOf(values: ResultValue[]): Trend[] {
  const byTest = Map.groupBy(values.filter((value) => value.number !== null && value.at), (value) => `${value.code}|${value.unit}`);
  return [...byTest.values()].map((list) => ({
    name: list[0]!.name, unit: list[0]!.unit, low: list.at(-1)!.low, high: list.at(-1)!.high,
    points: list.map((value) => ({ at: value.at!.getTime(), value: value.number! })).sort((left, right) => left.at - right.at),
  })).filter((trend) => new Set(trend.points.map((point) => point.at)).size > 1);
}

export function Trends({ requestId, records }: { requestId: string; records: Schemas["AccessibleRecord"][] }) {
  const contents = useQueries({ queries: records.map((record) => contentQuery(requestId, record.recordId, record.custodian)) });
  const trends = trendsOf(contents.flatMap((content) => content.data?.report.groups.flatMap((group) => group.values) ?? []));
  return trends.length === 0 ? null : <Suspense fallback={<Waiting rows={1} />}><TrendChart trends={trends} /></Suspense>;
}
