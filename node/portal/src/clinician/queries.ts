import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, ask, bodyOf } from "../api/client";
import { recordsOf } from "../api/records";
import { readMessage } from "../hl7/er7";
import { reportOf } from "../hl7/report";
import { saveFile } from "../ui/save-file";

export const knownRecordsQuery = (patientId: string, purpose: string) => queryOptions({
  queryKey: ["known-records", patientId, purpose],
  queryFn: ({ signal }) => recordsOf(patientId, purpose, signal),
});

/** What one asked for and how much of it one read, newest first. */
export const askedQuery = infiniteQueryOptions({
  queryKey: ["asked"], initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) => bodyOf(api.GET("/api/v1/access-requests", { params: { query: { cursor: pageParam, limit: 20 } }, signal })),
  getNextPageParam: (page) => page.next ?? undefined,
});

/** A request of one's own; asked for again while keys are on their way. */
export const requestQuery = (id: string) => queryOptions({
  queryKey: ["request", id],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/access-requests/{id}", { params: { path: { id } }, signal })),
  refetchInterval: ({ state }) => (state.data?.records.some((record) => record.status === "pending") ? 1500 : false),
});

/** Where a record comes from; null while its key is on its way. */
export const originQuery = (requestId: string, recordId: string, custodian: string) => queryOptions({
  queryKey: ["origin", requestId, recordId, custodian], gcTime: 0, staleTime: Infinity,
  queryFn: async ({ signal }) => (await api.GET("/api/v1/access-requests/{id}/records/{recordId}/provenance",
    { params: { path: { id: requestId, recordId }, query: { custodian } }, signal })).data ?? null,
});

/** Which documents and images a record holds; null while its key is on its way. */
export const partsQuery = (requestId: string, recordId: string, custodian: string) => queryOptions({
  queryKey: ["parts", requestId, recordId, custodian], gcTime: 0, staleTime: Infinity,
  queryFn: async ({ signal }) => (await api.GET("/api/v1/access-requests/{id}/records/{recordId}/parts",
    { params: { path: { id: requestId, recordId }, query: { custodian } }, signal })).data?.parts ?? null,
});

/** Saves a document of a record under that name, as bytes without a type, so that nothing shows it as a page. False while the key is on its way. */
export async function downloadPart(requestId: string, recordId: string, custodian: string, number: number, name: string): Promise<boolean> {
  const query = new URLSearchParams({ custodian });
  const answer = await ask(`${location.origin}/api/v1/access-requests/${requestId}/records/${recordId}/parts/${number}?${query}`);
  if (answer.status !== 200) return false;
  saveFile(new Blob([await answer.arrayBuffer()], { type: "application/octet-stream" }), name);
  return true;
}

/** A record's content, as the exact bytes that the hospital received. It is never kept after the page is left. */
export const contentQuery = (requestId: string, recordId: string, custodian: string) => queryOptions({
  queryKey: ["content", requestId, recordId, custodian], gcTime: 0, staleTime: Infinity,
  queryFn: async ({ signal }) => {
    const query = new URLSearchParams({ custodian });
    const answer = await ask(`${location.origin}/api/v1/access-requests/${requestId}/records/${recordId}?${query}`, { signal });
    if (answer.status !== 200) return null; // its key has not arrived
    const message = readMessage(await answer.arrayBuffer());
    return { message, report: reportOf(message) };
  },
  refetchInterval: ({ state }) => (state.data === null ? 1500 : false),
});
