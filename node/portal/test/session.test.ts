import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { forget } from "../src/session/session";

/** A page that shows the answer to one question, asked once. */
async function shown(client: QueryClient): Promise<() => { asked: number; data: unknown }> {
  let asked = 0;
  const page = new QueryObserver(client, { queryKey: ["page"], queryFn: () => Promise.resolve(++asked), staleTime: Infinity });
  page.subscribe(() => undefined);
  await expect.poll(() => page.getCurrentResult().data).toBe(1);
  return () => ({ asked, data: client.getQueryData(["page"]) });
}

describe("a refusal for want of a session", () => {
  it("drops what was shown to whoever was signed in", async () => {
    const client = new QueryClient();
    client.setQueryData(["session"], { name: "Anna" });
    const page = await shown(client);
    forget(client);
    expect([client.getQueryData(["session"]), page().data]).toEqual([null, undefined]);
  });

  it.each([["nobody is signed in", null], ["it is not known yet who is signed in", undefined]])("changes nothing where %s", async (_, session) => {
    const client = new QueryClient();
    if (session !== undefined) client.setQueryData(["session"], session);
    const page = await shown(client);
    forget(client);
    expect([client.getQueryData(["session"]), page()]).toEqual([session, { asked: 1, data: 1 }]);
  });
});
