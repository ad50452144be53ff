import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, bodyOf, type Schemas } from "../api/client";
import { ApiError } from "../api/problem";
import { everyPage } from "../api/pages";
import { recordsOf } from "../api/records";
import { signersOf } from "../api/signers";
import { tokensOf, type Tokens } from "../signing/tokens";
import { categories, labels } from "./codes";

// Everything of one patient lies under one key, so that a signature can make all of it fresh.
export const patientKey = (patientId: string) => ["patient", patientId] as const;

const at = (patientId: string) => ({ params: { path: { patientId } } });
const pageAt = (patientId: string, cursor?: string) => ({ params: { path: { patientId }, query: { cursor } } });

export const patientQuery = (patientId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "entry"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/patients/{patientId}", { ...at(patientId), signal })),
});

export const recordsQuery = (patientId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "records"],
  queryFn: ({ signal }) => recordsOf(patientId, undefined, signal),
});

/** What the patient permitted and refused; what may still count comes first. */
export const consentsQuery = (patientId: string) => infiniteQueryOptions({
  queryKey: [...patientKey(patientId), "consents"],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) => bodyOf(api.GET("/api/v1/patients/{patientId}/consents", {
    params: { path: { patientId }, query: { cursor: pageParam } }, signal,
  })),
  getNextPageParam: (page) => page.next ?? undefined,
});

/** One permission or refusal. */
export const consentQuery = (patientId: string, statementId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "consent", statementId],
  // The node's description leaves the answer open, as it can be FHIR's as well.
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/patients/{patientId}/consents/{statementId}", {
    params: { path: { patientId, statementId } }, headers: { Accept: "application/json" }, signal,
  }) as Promise<{ data?: Schemas["Consent"] }>),
});

export const noticesQuery = (patientId: string) => infiniteQueryOptions({
  queryKey: [...patientKey(patientId), "notices"],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) => bodyOf(api.GET("/api/v1/patients/{patientId}/notifications", {
    params: { path: { patientId }, query: { limit: 50, cursor: pageParam } }, signal,
  })),
  getNextPageParam: (page) => page.next ?? undefined,
});

export const credentialsQuery = (patientId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "credentials"],
  queryFn: ({ signal }) => everyPage(async (cursor) => {
    const { credentials, next } = await bodyOf(api.GET("/api/v1/patients/{patientId}/credentials", { ...pageAt(patientId, cursor), signal }));
    return { items: credentials, next };
  }),
});

export const delegatesQuery = (patientId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "delegates"],
  queryFn: ({ signal }) => everyPage(async (cursor) => {
    const { delegates, next } = await bodyOf(api.GET("/api/v1/patients/{patientId}/delegates", { ...pageAt(patientId, cursor), signal }));
    return { items: delegates, next };
  }),
});

/** Other ids that hospitals say are the same person. */
export const mergesQuery = (patientId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "merges"],
  queryFn: ({ signal }) => everyPage(async (cursor) => {
    const { merges, next } = await bodyOf(api.GET("/api/v1/patients/{patientId}/merges", { ...pageAt(patientId, cursor), signal }));
    return { items: merges, next };
  }),
});

export const signersQuery = (patientId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "signers"],
  queryFn: ({ signal }) => signersOf(patientId, signal),
});

/** Sites where the patient can make a second passkey; they change seldom. */
export const secondKeyPagesQuery = queryOptions({
  queryKey: ["second-key-pages"], staleTime: Infinity,
  queryFn: async ({ signal }) => (await bodyOf(api.GET("/api/v1/second-keys/pages", { signal }))).items,
});

/** What hospitals say of the passkey that signed in, where it is none of the patient's own yet; null for a delegate whom the patient appointed. */
export const ownSignerQuery = (patientId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "own-signer"],
  queryFn: async ({ signal }) => {
    try {
      return await bodyOf(api.GET("/api/v1/patients/{patientId}/attested-signers/own", { ...at(patientId), signal }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  },
});

/** What the patient lets the delegate who is signed in sign; null for a guardian, and for whose power is over. */
export const ownPowerQuery = (patientId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "own-power"],
  queryFn: async ({ signal }) => {
    try {
      return await bodyOf(api.GET("/api/v1/patients/{patientId}/delegates/own", { ...at(patientId), signal }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  },
});

/** What the delegate who is signed in has signed, as far as it is in force. */
export const ownConsentsQuery = (patientId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "own-consents"],
  queryFn: ({ signal }) => everyPage(async (cursor) => {
    const { consents, next } = await bodyOf(api.GET("/api/v1/patients/{patientId}/consents/own", { ...pageAt(patientId, cursor), signal }));
    return { items: consents, next };
  }),
});

/** Permits that somebody else signed and that lapse, or do not count, unless whoever is signed in confirms them. */
export const unconfirmedQuery = (patientId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "unconfirmed"],
  queryFn: async ({ signal }) => (await bodyOf(api.GET("/api/v1/patients/{patientId}/consents/confirmations", { ...at(patientId), signal }))).permits,
});

export const activityQuery = (patientId: string, limit = 30) => infiniteQueryOptions({
  queryKey: [...patientKey(patientId), "activity", limit],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam, signal }) => bodyOf(api.GET("/api/v1/patients/{patientId}/access-log", {
    params: { path: { patientId }, query: { limit, cursor: pageParam } }, signal,
  })),
  getNextPageParam: (page: Schemas["AccessLogPage"]) => page.next ?? undefined,
});

/** Codes by the patient's tokens: what the channel holds as a token, in words that the portal knows. */
export interface CodeBook {
  tokens: Tokens;
  codeOf: (token: string) => string | undefined;
}

export const codeBookQuery = (patientId: string) => queryOptions({
  queryKey: [...patientKey(patientId), "codes"], staleTime: Infinity,
  queryFn: async ({ client }): Promise<CodeBook | null> => {
    const patient = await client.ensureQueryData(patientQuery(patientId));
    if (!patient.labelKey) return null;
    const tokens = await tokensOf(patient.labelKey);
    const known = new Map<string, string>();
    for (const code of categories) known.set(await tokens("category", code), code);
    for (const code of labels) known.set(await tokens("label", code), code);
    return { tokens, codeOf: (token) => known.get(token) };
  },
});
