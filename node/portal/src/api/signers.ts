import { api, bodyOf } from "./client";
import { everyPage } from "./pages";

/** All signers that hospitals vouch for. */
export const signersOf = (patientId: string, signal?: AbortSignal) => everyPage(async (cursor) => {
  const { signers, next } = await bodyOf(api.GET("/api/v1/patients/{patientId}/attested-signers", { params: { path: { patientId }, query: { cursor } }, signal }));
  return { items: signers, next };
});
