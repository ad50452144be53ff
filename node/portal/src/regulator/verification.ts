/** True for a SHA-256 in hexadecimal digits. */
export const isHash = (text: string): boolean => /^[0-9a-f]{64}$/i.test(text);

/** How much of a run is done, in percent; null while the number of blocks is not known, or where there are none. */
export function shareOf({ blocksDone, blocksTotal }: { blocksDone: number; blocksTotal?: number | null }): number | null {
  return blocksTotal ? Math.min(100, Math.floor((100 * blocksDone) / blocksTotal)) : null;
}
