import { api, bodyOf } from "../api/client";
import type { PatientCode } from "./code";

/** The patient whom this hospital knows by one of its own numbers. */
export const lookUp = async (number: string, authority: string): Promise<string> =>
  (await bodyOf(api.POST("/api/v1/patients/look-up", { body: { number, authority } }))).patientId;

/** The patient whose code this is. A one-time code is used up by it. */
export const redeem = async (code: PatientCode): Promise<string> =>
  "patientId" in code ? code.patientId : (await bodyOf(api.POST("/api/v1/patient-handles/redemption", { body: { handle: code.handle } }))).patientId;
