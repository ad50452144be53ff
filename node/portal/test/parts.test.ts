import { expect, it } from "vitest";
import staff from "../src/i18n/staff-messages";
import { namedParts, partsOf } from "../src/office/parts";

const well = { status: "Healthy" };
const low = { status: "Degraded", detail: "6 % of the disk is free" };

it("shows every part that a node tells of, also one that has no name here", () => {
  expect(partsOf({ zones: low, intake: low, alarms: well, database: well })).toEqual([["database", well], ["intake", low], ["alarms", well], ["zones", low]]);
});

it("has a name for each of the parts that a hospital's node checks", () => {
  for (const part of namedParts) expect(staff.health[part], part).toBeTruthy();
});
