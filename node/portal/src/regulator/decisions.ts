import type { Schemas } from "../api/client";

export const outcomes = ["permitted", "partly", "denied"] as const;
type Outcome = (typeof outcomes)[number];

/** Which decisions to list, as the page's address has it: days by the reader's own calendar, both included. */
export interface DecisionFilter {
  requester?: string | undefined;
  outcome?: Outcome | undefined;
  emergency: boolean;
  from: string;
  to: string;
}

export const filterOf = (search: URLSearchParams): DecisionFilter => ({
  requester: search.get("requester") || undefined,
  outcome: outcomes.find((known) => known === search.get("outcome")),
  emergency: search.get("emergency") === "true",
  from: search.get("from") ?? "",
  to: search.get("to") ?? "",
});

/** The same as an address; what narrows nothing is left out. */
export const searchOf = (filter: DecisionFilter): Record<string, string> =>
  Object.fromEntries(Object.entries({ ...filter, emergency: filter.emergency ? "true" : "" }).filter((entry): entry is [string, string] => !!entry[1]));

/** What the interface is asked; a day that is none narrows nothing. */
export const queryOf = ({ requester, outcome, emergency, from, to }: DecisionFilter) => ({
  requester, outcome, emergency: emergency || undefined, from: startOf(from)?.toISOString(), to: startOf(to, 1)?.toISOString(),
});

/** True where the last day comes before the first. */
export const isBackwards = ({ from, to }: DecisionFilter): boolean => {
  const [first, end] = [startOf(from), startOf(to, 1)];
  return !!first && !!end && end <= first;
};

/** The number of a block in an address; undefined where there is none. */
export const blockOf = (text: string | null): number | undefined => (text && /^\d{1,15}$/.test(text) ? Number(text) : undefined);

/** How often each reason decided, the most frequent first. */
export function reasonsOf(decisions: Schemas["AccessLogDecision"][]): [reason: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { reason } of decisions) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort((left, right) => right[1] - left[1]);
}

// Midnight where the reader is, some days later; a clock that is put forward at midnight begins the day later.
function startOf(day: string, later = 0): Date | undefined {
  const parts = /^([1-9]\d{3})-(\d{2})-(\d{2})$/.exec(day);
  if (!parts) return undefined;
  const [year, month, date] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const start = new Date(year, month - 1, date);
  return start.getMonth() === month - 1 && start.getFullYear() < 9999 ? new Date(year, month - 1, date + later) : undefined;
}
