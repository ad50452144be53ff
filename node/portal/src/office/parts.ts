/** A part of a node as `/health/ready` tells of it. */
export interface PartState {
  status: string;
  detail?: string | null;
}

/** Parts that have a name for people, in the order in which they are shown. */
export const namedParts = ["database", "ledger", "readModel", "intake", "content", "keeping", "certificates"] as const;
export type NamedPart = (typeof namedParts)[number];

export const isNamed = (part: string): part is NamedPart => (namedParts as readonly string[]).includes(part);

/** Every part that the node tells of: those with a name first, whatever else it checks after them. None is left out, or the node would look well while one is not. */
export const partsOf = (checks: Record<string, PartState>): [string, PartState][] =>
  Object.entries(checks).sort(([one], [other]) => place(one) - place(other) || one.localeCompare(other));

const place = (part: string) => (isNamed(part) ? namedParts.indexOf(part) : namedParts.length);
