import { useQueries } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { Schemas } from "../api/client";
import { isWithdrawn, type ResultValue } from "../hl7/report";
import { Waiting } from "../ui/Waiting";
import { contentQuery } from "./queries";

const TrendChart = lazy(() => import("./TrendChart"));

export interface Trend {
  key: string;
  name: string;
  unit: string;
  low: number | null;
  high: number | null;
  points: { at: number; value: number }[];
}

/** A value and the hospital that it is from. */
export interface Measured {
  member: string;
  value: ResultValue;
}

// Codes that mean the same everywhere; any other is its hospital's own.
const common = ["LN", "SCT", "NPU"];

/** Values of the same test over time, where there are two or more of them. Those taken back are none. */
export function trendsOf(measured: Measured[]): Trend[] {
  const byTest = new Map<string, ResultValue[]>();
  for (const { member, value } of measured) {
    if (value.number === null || !value.at || isWithdrawn(value.status)) continue;
    const key = [value.code, value.system, value.unit, common.includes(value.system) ? "" : member].join("|");
    byTest.set(key, [...(byTest.get(key) ?? []), value]);
  }
  return [...byTest].map(([key, list]) => {
    const sorted = list.sort((left, right) => left.at!.getTime() - right.at!.getTime());
    const last = sorted.at(-1)!;
    return { key, name: last.name, unit: last.unit, low: last.low, high: last.high, points: sorted.map((value) => ({ at: value.at!.getTime(), value: value.number! })) };
  }).filter((trend) => new Set(trend.points.map((point) => point.at)).size > 1);
}

export function Trends({ requestId, records }: { requestId: string; records: Schemas["AccessibleRecord"][] }) {
  const contents = useQueries({ queries: records.map((record) => contentQuery(requestId, record.recordId, record.custodian)) });
  const trends = trendsOf(contents.flatMap((content, index) =>
    content.data?.report.groups.flatMap((group) => group.values).map((value) => ({ member: records[index]!.custodian, value })) ?? []));
  return trends.length === 0 ? null : <Suspense fallback={<Waiting rows={1} />}><TrendChart trends={trends} /></Suspense>;
}
