import type { Message, Segment } from "./er7";

/** What a clinician wants to see of a message. */
export interface Report {
  type: string;
  sentAt: Date | null;
  sender: string;
  person: Person | null;
  visit: { patientClass: string; ward: string; doctor: string; number: string; service: string } | null;
  document: { kind: string; at: Date | null; author: string } | null;
  groups: ResultGroup[];
  diagnoses: { code: string; text: string }[];
  given: Administration[];
  /** Names of segments that say something of the patient and of which nothing stands above. */
  unread: string[];
}

/** A substance given, a vaccine for one (RXA). */
export interface Administration {
  name: string;
  amount: string;
  at: Date | null;
  /** RXA-20 by table 0322; CP or empty where it was given. */
  status: string;
}

export interface Person {
  name: string;
  numbers: string[];
  born: Date | null;
  sex: string;
}

/** What one order came to (OBR with its OBX and NTE). */
export interface ResultGroup {
  title: string;
  at: Date | null;
  status: string;
  values: ResultValue[];
  texts: { title: string; text: string; status: string }[];
  files: { title: string; kind: string; url: string | null; status: string }[];
  notes: string[];
}

export interface ResultValue {
  code: string;
  /** OBX-3.3: whose code it is. */
  system: string;
  name: string;
  value: string;
  number: number | null;
  unit: string;
  range: string;
  low: number | null;
  high: number | null;
  /** OBX-8 by table 0078, as the laboratory put it; several where it says several things. */
  flags: string[];
  /** OBX-11 by table 0085. */
  status: string;
  /** OBX-14, or when its order's specimen was taken. */
  at: Date | null;
}

/** Whether what has this status was taken back: posted in error, deleted, or never obtained. */
export const isWithdrawn = (status: string): boolean => ["W", "D", "X"].includes(status);

// Who sent the message and how it is transported: nothing of the patient.
const transport = ["MSH", "SFT", "UAC", "EVN", "ORC"];
const read = ["PID", "PV1", "TXA", "OBR", "OBX", "NTE", "DG1", "RXA"];

export function reportOf(message: Message): Report {
  const header = message.segments.find((segment) => segment.id === "MSH");
  const find = (id: string) => message.segments.find((segment) => segment.id === id);
  const [pid, pv1, txa] = [find("PID"), find("PV1"), find("TXA")];
  return {
    type: header ? [header.text(9), header.text(9, 2)].filter(Boolean).join(" ") : "",
    sentAt: header ? timeOf(header.text(7)) : null,
    sender: header ? [header.text(3), header.text(4)].filter(Boolean).join(", ") : "",
    person: pid ? personOf(pid) : null,
    visit: pv1 ? { patientClass: pv1.text(2), ward: [1, 2, 3].map((part) => pv1.text(3, part)).filter(Boolean).join(" "), doctor: nameOf(pv1, 7, 2), number: pv1.text(19), service: pv1.text(10) } : null,
    document: txa ? { kind: txa.text(2, 2) || txa.text(2), at: timeOf(txa.text(4)), author: nameOf(txa, 5, 2) || nameOf(txa, 9, 2) } : null,
    groups: groupsOf(message.segments),
    diagnoses: message.segments.filter((segment) => segment.id === "DG1").map((segment) => ({ code: segment.text(3), text: segment.text(3, 2) || segment.text(4) })),
    given: message.segments.filter((segment) => segment.id === "RXA").map((segment) => ({
      name: codedText(segment, 5, 1), amount: [segment.text(6), segment.text(7, 2) || segment.text(7)].filter(Boolean).join(" "), at: timeOf(segment.text(3)), status: segment.text(20),
    })),
    unread: [...new Set(message.segments.map((segment) => segment.id))].filter((id) => !transport.includes(id) && !read.includes(id)),
  };
}

// Text before code: display text, original text, the alternate text, and the code where nobody wrote a text (CE, CWE, CNE).
const codedText = (segment: Segment, field: number, repetition: number): string =>
  [2, 9, 5, 1].map((part) => segment.text(field, part, repetition)).find(Boolean) ?? "";

function groupsOf(segments: readonly Segment[]): ResultGroup[] {
  const groups: ResultGroup[] = [];
  const current = () => groups.at(-1) ?? open("", null, "");
  const open = (title: string, at: Date | null, status: string) => {
    const group: ResultGroup = { title, at, status, values: [], texts: [], files: [], notes: [] };
    groups.push(group);
    return group;
  };
  for (const segment of segments) {
    if (segment.id === "OBR") open(segment.text(4, 2) || segment.text(4), timeOf(segment.text(7)) ?? timeOf(segment.text(22)), segment.text(25));
    else if (segment.id === "OBX") addObservation(current(), segment);
    else if (segment.id === "NTE") current().notes.push(segment.text(3));
  }
  return groups.filter((group) => group.title || group.values.length + group.texts.length + group.files.length + group.notes.length > 0);
}

function addObservation(group: ResultGroup, obx: Segment) {
  const title = obx.text(3, 2) || obx.text(3);
  const status = obx.text(11);
  switch (obx.text(2)) {
    case "ED": {
      const [kind, subtype, encoding, data] = [2, 3, 4, 5].map((part) => obx.text(5, part)) as [string, string, string, string];
      group.files.push({ title, kind: subtype || kind, url: imageUrl(subtype, encoding, data), status });
      return;
    }
    case "TX": case "FT": {
      const text = Array.from({ length: obx.repetitions(5) }, (_, index) => obx.text(5, 1, index + 1)).join("\n"); // empty lines, too
      const last = group.texts.at(-1);
      if (last?.title === title && last.status === status) last.text += `\n${text}`; // long texts come line by line
      else group.texts.push({ title, text, status });
      return;
    }
    default: group.values.push(valueOf(obx, title, group.at));
  }
}

function valueOf(obx: Segment, name: string, taken: Date | null): ResultValue {
  const isStructured = obx.text(2) === "SN";
  const values = repetitionsOf(obx, 5, (repetition) => ["CE", "CWE", "CNE"].includes(obx.text(2)) ? codedText(obx, 5, repetition)
    : isStructured ? [1, 2, 3, 4].map((part) => obx.text(5, part, repetition)).join("") : obx.text(5, 1, repetition));
  const only = values.length === 1 ? (isStructured ? exactOf(obx) : obx.text(2) === "NM" ? values[0]! : "") : "";
  const range = obx.text(7);
  const limits = /^\s*(-?[\d.]+)\s*-\s*(-?[\d.]+)\s*$/.exec(range);
  const below = /^\s*<=?\s*(-?[\d.]+)\s*$/.exec(range);
  const above = /^\s*>=?\s*(-?[\d.]+)\s*$/.exec(range);
  return {
    code: obx.text(3), system: obx.text(3, 3), name, value: values.join("\n"), number: numberOf(only),
    unit: obx.text(6), range, low: numberOf(limits?.[1] ?? above?.[1] ?? ""), high: numberOf(limits?.[2] ?? below?.[1] ?? ""),
    flags: repetitionsOf(obx, 8, (repetition) => obx.text(8, 1, repetition)), status: obx.text(11), at: timeOf(obx.text(14)) ?? taken,
  };
}

// The number of a structured one (SN), where it is one number and no more or less than it.
const exactOf = (obx: Segment): string => (["", "="].includes(obx.text(5, 1)) && obx.text(5, 3) === "" ? obx.text(5, 2) : "");

const repetitionsOf = (segment: Segment, field: number, read: (repetition: number) => string): string[] =>
  Array.from({ length: segment.repetitions(field) }, (_, index) => read(index + 1)).filter(Boolean);

// Only pictures that a browser draws without running anything, and only as data: nothing is fetched.
function imageUrl(subtype: string, encoding: string, data: string): string | null {
  const kind = subtype.toLowerCase();
  return encoding === "Base64" && ["png", "jpeg", "jpg", "gif", "webp"].includes(kind) && /^[A-Za-z0-9+/=\s]+$/.test(data)
    ? `data:image/${kind === "jpg" ? "jpeg" : kind};base64,${data}` : null;
}

function personOf(pid: Segment): Person {
  return {
    name: [pid.text(5, 2), pid.text(5, 3), pid.text(5)].filter(Boolean).join(" "),
    numbers: Array.from({ length: pid.repetitions(3) }, (_, index) => [pid.text(3, 1, index + 1), pid.text(3, 4, index + 1)].filter(Boolean).join(" · ")),
    born: timeOf(pid.text(7)), sex: pid.text(8),
  };
}

const nameOf = (segment: Segment, field: number, from: number): string =>
  [segment.text(field, from + 4), segment.text(field, from + 1), segment.text(field, from)].filter(Boolean).join(" ");

function numberOf(text: string): number | null {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : null;
}

/** A time of HL7: any leading part of YYYYMMDDHHMMSS, with a zone or in the reader's own. */
export function timeOf(text: string): Date | null {
  const match = /^(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.\d+)?([+-]\d{4})?$/.exec(text);
  if (!match) return null;
  const [, year, month = "01", day = "01", hour = "00", minute = "00", second = "00", zone] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}${zone ? `${zone.slice(0, 3)}:${zone.slice(3)}` : ""}`;
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? null : time;
}
