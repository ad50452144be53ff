/** The permission that an address names behind its `#`, as the timeline's links do; null where it names none. */
export function linkedConsent(hash: string): string | null {
  return /^#([a-z]{2}-[a-z2-7]{26})$/.exec(hash)?.[1] ?? null; // other places of a page are named there, too
}

/** Whether a permission must be read by itself: it is asked for and stands on none of the pages read so far. */
export const mustRead = (asked: string | null, loaded: readonly { id: string }[] | undefined): boolean =>
  asked !== null && loaded !== undefined && !loaded.some(({ id }) => id === asked);
