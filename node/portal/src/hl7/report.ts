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
  texts: { title: string; text: string }[];
  files: { title: string; kind: string; url: string | null }[];
  notes: string[];
}

export interface ResultValue {
  code: string;
  name: string;
  value: string;
  number: number | null;
  unit: string;
  range: string;
  low: number | null;
  high: number | null;
  flag: string;
  status: string;
  at: Date | null;
}

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
  };
}

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
  switch (obx.text(2)) {
    case "ED": {
      const [kind, subtype, encoding, data] = [2, 3, 4, 5].map((part) => obx.text(5, part)) as [string, string, string, string];
      group.files.push({ title, kind: subtype || kind, url: imageUrl(subtype, encoding, data) });
      return;
    }
    case "TX": case "FT": {
      const text = Array.from({ length: obx.repetitions(5) }, (_, index) => obx.text(5, 1, index + 1)).join("\n");
      const last = group.texts.at(-1);
      if (last?.title === title) last.text += `\n${text}`; // long texts come line by line
      else group.texts.push({ title, text });
      return;
    }
    default: group.values.push(valueOf(obx, title));
  }
}

function valueOf(obx: Segment, name: string): ResultValue {
  const isCoded = ["CE", "CWE", "CNE"].includes(obx.text(2));
  const isStructured = obx.text(2) === "SN";
  const value = isCoded ? obx.text(5, 2) || obx.text(5) : isStructured ? [1, 2, 3, 4].map((part) => obx.text(5, part)).join("") : obx.text(5);
  const range = obx.text(7);
  const limits = /^\s*(-?[\d.]+)\s*-\s*(-?[\d.]+)\s*$/.exec(range);
  const below = /^\s*<=?\s*(-?[\d.]+)\s*$/.exec(range);
  const above = /^\s*>=?\s*(-?[\d.]+)\s*$/.exec(range);
  return {
    code: obx.text(3), name, value, number: numberOf(obx.text(2) === "NM" || isStructured ? (isStructured ? obx.text(5, 2) : value) : ""),
    unit: obx.text(6), range, low: numberOf(limits?.[1] ?? above?.[1] ?? ""), high: numberOf(limits?.[2] ?? below?.[1] ?? ""),
    flag: obx.text(8), status: obx.text(11), at: timeOf(obx.text(14)),
  };
}

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
