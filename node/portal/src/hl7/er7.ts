/** A reader of HL7 v2 messages in ER7, for showing them: whatever it is given, it shows as much as can be read. */
export interface Message {
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly id: string;
  /** The text as it stands. */
  readonly raw: string;
  /** Text of one component, with escapes resolved: field and component count from 1; empty where there is none. */
  text(field: number, component?: number, repetition?: number): string;
  /** How often a field is repeated; 0 where it is empty. */
  repetitions(field: number): number;
}

interface Delimiters {
  field: string;
  component: string;
  repetition: string;
  escape: string;
  subcomponent: string;
}

/** The message in these bytes, by the character set that MSH-18 names. */
export function readMessage(bytes: ArrayBuffer): Message {
  const utf8 = new TextDecoder().decode(bytes);
  const named = parse(utf8).segments[0]?.text(18) ?? "";
  return /^8859\/1$|^ISO[ -]?8859-1$/i.test(named) ? parse(new TextDecoder("windows-1252").decode(bytes)) : parse(utf8);
}

export function parse(text: string): Message {
  const delimiters = delimitersOf(text);
  const segments = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "").map((raw) => segmentOf(raw, delimiters));
  return { segments };
}

function delimitersOf(text: string): Delimiters {
  const head = /^[\s\x0b]*MSH(.)(.)(.)?(.)?(.)?/.exec(text);
  const [, field = "|", component = "^", repetition = "~", escape = "\\", subcomponent = "&"] = head ?? [];
  return { field, component, repetition, escape, subcomponent };
}

function segmentOf(raw: string, delimiters: Delimiters): Segment {
  const fields = raw.trimStart().split(delimiters.field);
  const id = fields[0] ?? "";
  if (id === "MSH") fields.splice(1, 0, delimiters.field); // MSH-1 is the delimiter itself
  const isHeader = (field: number) => id === "MSH" && field <= 2;
  return {
    id, raw,
    repetitions: (field) => (fields[field] ? fields[field].split(delimiters.repetition).length : 0),
    text(field, component = 1, repetition = 1) {
      const value = fields[field] ?? "";
      if (isHeader(field)) return value;
      const part = value.split(delimiters.repetition)[repetition - 1]?.split(delimiters.component)[component - 1] ?? "";
      return unescape(part, delimiters);
    },
  };
}

function unescape(text: string, { field, component, repetition, escape, subcomponent }: Delimiters): string {
  if (!text.includes(escape)) return text;
  const parts = text.split(escape);
  // Every second part stands between two escape characters; one that is not closed is text.
  return parts.map((part, index) => {
    if (index % 2 === 0) return part;
    if (index === parts.length - 1) return escape + part;
    const known: Record<string, string> = { F: field, S: component, R: repetition, E: escape, T: subcomponent, ".br": "\n", H: "", N: "", ".sp": "\n" };
    if (part in known) return known[part]!;
    const hex = /^X((?:[0-9A-Fa-f]{2})+)$/.exec(part)?.[1];
    if (hex) return new TextDecoder().decode(Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16)));
    return /^\.[a-z]{2}[+-]?\d*$/.test(part) ? " " : escape + part + escape;
  }).join("");
}
