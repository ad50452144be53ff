import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ask, signedOut } from "../src/api/client";

let ended = 0;

beforeEach(() => {
  ended = 0;
  const page = new EventTarget();
  page.addEventListener(signedOut, () => ended++);
  vi.stubGlobal("window", page);
});
afterEach(() => vi.unstubAllGlobals());

const answered = (status: number, code: string) => vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ code }, { status })));

it("takes the session for over where the node knows of none", async () => {
  answered(401, "auth.unauthenticated");
  await expect(ask("http://north.localhost/api/v1/staff")).rejects.toMatchObject({ status: 401 });
  expect(ended).toBe(1);
});

it.each([[401, "session.refused"], [401, "enrolment.refused"], [403, "session.step_up_required"], [404, "access.not_available"]])(
  "keeps what is shown where a call is refused with %i %s", async (status, code) => {
    answered(status, code);
    await expect(ask("http://north.localhost/api/v1/session/step-up")).rejects.toMatchObject({ status, code });
    expect(ended).toBe(0);
  });
