import { fromBase64Url, toBase64Url } from "./base64url";
import { isDelegateId } from "./ids";

/** What a patient needs of a person to appoint: whose passkey, made at this site. */
export interface Appointee {
  delegate: string;
  credential: string;
  /** COSE, base64url, as the channel pins it. */
  publicKey: string;
}

// A P-256 key for ES256 in COSE, canonical: two coordinates of 32 bytes behind these.
const coseHead = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
const coseBytes = 77, mostIdBytes = 1023, attestedFlag = 0x40, extensionsFlag = 0x80, idLengthAt = 53;

/** The public key that a new passkey states about itself, from its authenticator data; null where it is none for ES256. */
export function publicKeyOf(authenticatorData: string): string | null {
  const data = fromBase64Url(authenticatorData);
  if (data.length < idLengthAt + 2 || !(data[32]! & attestedFlag) || data[32]! & extensionsFlag) return null;
  const key = data.slice(idLengthAt + 2 + ((data[idLengthAt]! << 8) | data[idLengthAt + 1]!));
  return isKey(key) ? toBase64Url(key) : null;
}

/** The link that a person shows to the patient. What it says stands in the fragment, which no server and no log sees. */
export const appointmentLink = (origin: string, { delegate, credential, publicKey }: Appointee): string =>
  `${origin}/helpers/new#${delegate}.${credential}.${publicKey}`;

/** Reads such a link, or its part behind the #; null for anything else, and for another site's link. */
export function readAppointment(text: string, origin: string): Appointee | null {
  const [place, code] = text.includes("#") ? text.trim().split("#", 2) as [string, string] : ["", text.trim()];
  if (place !== "" && place !== `${origin}/helpers/new`) return null;
  const [delegate, credential, publicKey, ...more] = code.split(".");
  if (!delegate || !credential || !publicKey || more.length > 0 || !isDelegateId(delegate)) return null;
  try {
    const id = fromBase64Url(credential);
    return id.length > 0 && id.length <= mostIdBytes && isKey(fromBase64Url(publicKey)) ? { delegate, credential, publicKey } : null;
  } catch {
    return null; // not base64url
  }
}

const isKey = (key: Uint8Array): boolean =>
  key.length === coseBytes && coseHead.every((byte, at) => key[at] === byte) && key[42] === 0x22 && key[43] === 0x58 && key[44] === 0x20;
