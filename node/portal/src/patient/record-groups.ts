/** Cards that a phone draws at once without a wait; more come on demand. */
export const cardsAtOnce = 100;

/** The records of one member: those that are shown, and how many there are. */
export interface RecordGroup<T> {
  custodian: string;
  count: number;
  shown: T[];
}

/** Records by member, of which the first so many are shown; members none of whose records are among them are left out. */
export function groupsOf<T extends { custodian: string }>(records: readonly T[], most: number): RecordGroup<T>[] {
  const groups = new Map<string, RecordGroup<T>>();
  records.forEach((record) => {
    const group = groups.get(record.custodian) ?? { custodian: record.custodian, count: 0, shown: [] };
    groups.set(record.custodian, group);
    group.count++;
  });
  let left = most;
  for (const group of groups.values()) {
    if (left <= 0) break;
    group.shown = records.filter((record) => record.custodian === group.custodian).slice(0, left);
    left -= group.shown.length;
  }
  return [...groups.values()].filter(({ shown }) => shown.length > 0);
}
