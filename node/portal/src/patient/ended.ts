import type { TFunction } from "i18next";
import type { Words } from "./words";

/** What is shown once an ending was brought to the channel: it counts as done when two members have it, and is not called so before. */
export function endedWords(members: readonly string[] | null | undefined, t: TFunction, words: Pick<Words, "list" | "member">): string {
  const committed = members ?? [];
  return t(committed.length >= 2 ? "permissions.endDone" : "permissions.endOne", { members: words.list(committed.map(words.member)) });
}
