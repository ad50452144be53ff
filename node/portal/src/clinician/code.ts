import { isPatientId } from "../signing/ids";

/** What a clinician has from a patient: the card's id, or a one-time code in its long form (from a QR) or its short one (typed). */
export type PatientCode = { patientId: string } | { handle: string };

/** Reads what was scanned, pasted or typed; null where it is no code. */
export function readCode(text: string): PatientCode | null {
  const given = text.trim();
  if (isPatientId(given.toLowerCase())) return { patientId: given.toLowerCase() };
  if (/^hs1(\.[A-Za-z0-9_-]+){5}$/.test(given) && given.length <= 2048) return { handle: given };
  // As the node reads it: no matter how it is grouped, I and L for 1, O for 0.
  const short = given.replace(/[\s-]/g, "").toUpperCase();
  return /^[0-9A-TV-Z]{10}$/.test(short) ? { handle: short } : null;
}
