import type { Schemas } from "../api/client";

type Merge = Pick<Schemas["PatientMerge"], "merged" | "surviving" | "status">;

/** The other of the two ids that hospitals say are one person. */
export const otherOf = ({ merged, surviving }: Merge, patientId: string): string => (surviving === patientId ? merged : surviving);

/** What a merge comes to for a patient: nothing as yet, or no more; refusals of the other id that count here; or own ones that count there. */
export function effectOf({ surviving, status }: Merge, patientId: string): "incomplete" | "stopped" | "here" | "there" {
  if (status === "incomplete" || status === "stopped") return status;
  return surviving === patientId ? "here" : "there";
}
