import { describe, expect, it } from "vitest";
import { everyPage } from "../src/api/pages";

describe("a list that is read as a whole", () => {
  it("has all pages in their order, each by the cursor of the one before", async () => {
    const asked: (string | undefined)[] = [];
    const pages = [{ items: [1, 2], next: "a" }, { items: [], next: "b" }, { items: [3], next: null }];
    const all = await everyPage((cursor) => {
      asked.push(cursor);
      return Promise.resolve(pages[asked.length - 1]!);
    });
    expect(all).toEqual([1, 2, 3]);
    expect(asked).toEqual([undefined, "a", "b"]);
  });

  it("fails where a page fails", async () => {
    const read = (cursor?: string) => (cursor ? Promise.reject(new Error("away")) : Promise.resolve({ items: [1], next: "a" }));
    await expect(everyPage(read)).rejects.toThrow("away");
  });
});
