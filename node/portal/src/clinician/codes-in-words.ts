import type { TFunction } from "i18next";

// By table 0078, what says that all is well or says nothing about that.
const calm = ["N", "NEG", "S"];
// By table 0085, what a reader need not be told: final, however it came to be so.
const settled = ["", "F", "U", "V"];
const named: Record<string, string> = { ">": "above", "<": "below" };

/** Whether a flag (OBX-8) is no reason to look twice. What is unknown here is one. */
export const isCalm = (flag: string): boolean => calm.includes(flag);

/** Whether a status (OBX-11) says only that the result is final. */
export const isSettled = (status: string): boolean => settled.includes(status);

/** The words for a code, and the code itself where there are none: what is unknown here is never taken for what is known. */
export const labelOf = (t: TFunction<"staff">, table: "flag" | "observation" | "order" | "given", code: string): string =>
  t(`${table}.${named[code] ?? code}` as "flag.H", { defaultValue: code });
