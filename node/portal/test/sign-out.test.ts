import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { leave } from "../src/session/session";

const anna = () => {
  const client = new QueryClient();
  client.setQueryData(["session"], { name: "Anna" });
  client.setQueryData(["records"], ["one"]);
  return client;
};
const shown = (client: QueryClient) => [client.getQueryData(["session"]), client.getQueryData(["records"])];

beforeEach(() => {
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("location", { origin: "http://north.localhost" });
});
afterEach(() => vi.unstubAllGlobals());

describe("signing out", () => {
  it("clears what was shown before the node has answered", async () => {
    let answer: (response: Response) => void = () => undefined;
    vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => (answer = resolve)));
    const client = anna();
    const over = leave(client);
    expect(shown(client)).toEqual([null, undefined]);
    answer(new Response(null, { status: 204 }));
    await expect(over).resolves.toBeUndefined();
  });

  it.each([
    ["there is no network", () => Promise.reject(new TypeError("Failed to fetch")), 0],
    ["the node is busy", () => Promise.resolve(Response.json({ code: "request.throttled" }, { status: 429 })), 429],
  ])("fails where %s, and clears what was shown all the same", async (_, fetched, status) => {
    vi.stubGlobal("fetch", fetched);
    const client = anna();
    await expect(leave(client)).rejects.toMatchObject({ status });
    expect(shown(client)).toEqual([null, undefined]);
  });

  it("succeeds where the session was over already", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ code: "auth.unauthenticated" }, { status: 401 })));
    await expect(leave(anna())).resolves.toBeUndefined();
  });
});
