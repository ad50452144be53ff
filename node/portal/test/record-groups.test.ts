import { expect, it } from "vitest";
import { cardsAtOnce, groupsOf } from "../src/patient/record-groups";

const records = (custodian: string, count: number) => Array.from({ length: count }, (_, number) => ({ custodian, recordId: `${custodian}-${number}` }));

it("draws no more records than a phone can, and counts them all", () => {
  const groups = groupsOf([...records("North", 60), ...records("South", 9_930), ...records("East", 10)], cardsAtOnce);
  expect(groups.map(({ custodian, count, shown }) => [custodian, count, shown.length])).toEqual([["North", 60, 60], ["South", 9_930, 40]]);
});

it("shows all where there are few", () => {
  expect(groupsOf([...records("North", 2), ...records("South", 1)], cardsAtOnce).flatMap(({ shown }) => shown)).toHaveLength(3);
});
