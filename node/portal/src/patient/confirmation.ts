import type { Schemas } from "../api/client";
import { isWhollyKnown } from "../signing/grant-in-words";

/** Most permits that one signature confirms, as the channel takes them. */
export const mostAtOnce = 16;

const soon = 60 * 86_400_000;

/** Those that a person should hear of without looking for them: what counts now and lapses soon. */
export const lapsingSoon = (permits: readonly Schemas["UnconfirmedPermit"][], now: Date): Schemas["UnconfirmedPermit"][] =>
  permits.filter(({ lapsesAt }) => lapsesAt && Date.parse(lapsesAt) - now.getTime() < soon);

/** The first time at which one of them lapses; null where none counts now. */
export const firstLapse = (permits: readonly Schemas["UnconfirmedPermit"][]): string | null =>
  permits.map(({ lapsesAt }) => lapsesAt).filter((time) => time != null).sort((one, other) => Date.parse(one) - Date.parse(other))[0] ?? null;

/** True where every part of it can be shown to whoever confirms it. */
export const canConfirm = (consent: Schemas["Consent"]): boolean => !!consent.body && isWhollyKnown(consent.body);

/** What one signature under "all" confirms: what lapses first, as many as go into it. */
export const nextToConfirm = (permits: readonly Schemas["UnconfirmedPermit"][]): Schemas["Consent"][] =>
  permits.map(({ consent }) => consent).filter(canConfirm).slice(0, mostAtOnce);
