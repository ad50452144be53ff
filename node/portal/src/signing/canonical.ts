/** What a statement may be made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/**
 * Canonical JSON (RFC 8785), narrowed as the channel narrows it: integers only, no lone surrogates. Members that are undefined are
 * left out.
 */
export function canonicalize(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is not an integer that is exact.`);
    return String(value === 0 ? 0 : value);
  }
  if (typeof value === "string") return quote(value);
  if (isList(value)) return `[${value.map(canonicalize).join(",")}]`;
  const members = Object.entries(value)
    .filter((entry): entry is [string, Json] => entry[1] !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)); // by UTF-16 code units, as RFC 8785 has it
  return `{${members.map(([name, member]) => `${quote(name)}:${canonicalize(member)}`).join(",")}}`;
}

function quote(text: string): string {
  if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text)) throw new TypeError("A text has half a character in it.");
  return JSON.stringify(text);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
