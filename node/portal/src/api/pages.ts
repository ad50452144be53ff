/** All pages of a list, one after the other: for what a page must know as a whole, such as how many there are of each kind. */
export async function everyPage<T>(read: (cursor?: string) => Promise<{ items: T[]; next?: string | null }>): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    all.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return all;
}
