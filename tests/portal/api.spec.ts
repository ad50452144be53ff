import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { find } from "./support/people.ts";

test("the portal's description of the API is what a node says of itself", async ({ request }) => {
  const kept = JSON.parse(readFileSync(new URL("../../node/portal/openapi.json", import.meta.url), "utf8")) as object;
  const said = (await (await request.get(new URL("/openapi/v1.json", find("Ida Thomsen").url).href)).json()) as Record<string, unknown>;
  delete said.servers;
  expect(said, "run `npm run api:fetch -- URL` in node/portal").toEqual(kept);
});
