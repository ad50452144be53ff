import createClient from "openapi-fetch";
import i18n from "../i18n";
import { ApiError } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** The node's API, typed by its own description. Every call that is not answered with 2xx throws an ApiError. */
export const api = createClient<paths>({ baseUrl: "/", fetch: ask });

/** The answer's body. */
export async function bodyOf<T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await call;
  if (data === undefined || data === null) throw new ApiError(502, { code: "answer.empty" });
  return data;
}

/** fetch by the rules of this portal: same origin, own language, an ApiError for whatever did not succeed. */
export async function ask(input: Request | string, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  request.headers.set("Accept-Language", i18n.language);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new ApiError(0, {});
  }
  if (response.ok) return response;
  const problem = await ApiError.of(response);
  // Other refusals with 401 are about the passkey just shown, for a fresh signature or an enrolment: the session goes on.
  if (problem.isSessionOver) window.dispatchEvent(new Event(signedOut));
  throw problem;
}

/** Name of the window's event that says that the session is over. */
export const signedOut = "healthshare:signed-out";
