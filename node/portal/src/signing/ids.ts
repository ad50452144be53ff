const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

export type IdKind = "st" | "dg" | "em";

/** A new id on the channel: 128 random bits in lower-case base32 behind a prefix that says the kind. */
export function newId(kind: IdKind): string {
  return idOf(kind, crypto.getRandomValues(new Uint8Array(16)));
}

export function idOf(kind: IdKind, bytes: Uint8Array): string {
  let [text, buffer, bits] = ["", 0, 0];
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(buffer >> (bits - 5)) & 31];
  }
  return `${kind}-${text}${alphabet[(buffer << (5 - bits)) & 31]}`;
}

/** True for a patient's id as the channel writes it. */
export const isPatientId = (text: string): boolean => /^pt-[a-z2-7]{25}[aeimquy4]$/.test(text);

/** True for a delegate's id as the channel writes it. */
export const isDelegateId = (text: string): boolean => /^dg-[a-z2-7]{25}[aeimquy4]$/.test(text);
