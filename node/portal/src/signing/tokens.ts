import { fromBase64Url, toBase64Url } from "./base64url";

export type TokenDimension = "category" | "label" | "author" | "encounter";

/** The keyed token of a code: what the channel holds in its place, and nobody can read without the patient's label key. */
export type Tokens = (dimension: TokenDimension, code: string) => Promise<string>;

/** Tokens of the patient whose label key this is, base64url. */
export async function tokensOf(labelKey: string): Promise<Tokens> {
  const key = await crypto.subtle.importKey("raw", fromBase64Url(labelKey), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return async (dimension, code) => {
    const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${dimension}|${code}`));
    return toBase64Url(mac.slice(0, 16));
  };
}
