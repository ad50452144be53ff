import type { TFunction } from "i18next";
import type { Schemas } from "../api/client";
import type { Words } from "./words";

type Consent = Schemas["Consent"];

/** True for what counts no more and never will again. */
export const isOver = ({ status }: Pick<Consent, "status">): boolean => status === "expired" || status === "revoked" || status === "usedUp";

/** True for what a signed revocation ends: whatever a patient signed, and what a hospital vouches for in the patient's name. */
export const canEnd = (consent: Pick<Consent, "status" | "lapse">): boolean => !isOver(consent) && consent.lapse !== "erased";

/** What is shown once an ending was brought to the channel: it counts as done when two members have it, and is not called so before. */
export function endedWords(members: readonly string[] | null | undefined, t: TFunction, words: Pick<Words, "list" | "member">): string {
  const committed = members ?? [];
  return t(committed.length >= 2 ? "permissions.endDone" : "permissions.endOne", { members: words.list(committed.map(words.member)) });
}
