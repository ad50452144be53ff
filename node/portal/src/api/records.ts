import { api, bodyOf } from "./client";
import { everyPage } from "./pages";

/** Every record of a patient that the caller may know of. */
export const recordsOf = (patientId: string, purpose?: string, signal?: AbortSignal) => everyPage(async (cursor) => {
  const page = await bodyOf(api.GET("/api/v1/patients/{patientId}/records", {
    params: { path: { patientId }, query: { purpose, limit: 1000, cursor } }, signal,
  }));
  return { items: page.records, next: page.next };
});
