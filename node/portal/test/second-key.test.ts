import { describe, expect, it } from "vitest";
import { toBase64Url } from "../src/signing/base64url";
import { readGrant } from "../src/signing/grant-in-words";
import { askSecondKey, hearAsk, type SecondKeyAsk } from "../src/signing/second-key";
import { writeStatement, type GrantBody } from "../src/signing/statement";

const signer = { channel: "health", patientId: "pt-gezdgnbvgy3tqojqgezdgnbvgy", credentialId: "4nZ4" };
const period = { start: "2026-03-01T08:00:00Z", end: "2027-03-01T08:00:00Z" };
const grant = (body: Partial<GrantBody>, by: typeof signer = signer) =>
  toBase64Url(writeStatement("grant", { effect: "permit", scope: [{}], period, ...body }, by).bytes);
const plain = { uses: null, replaces: false, narrowed: false };

describe("what a regulator's page says of a permit before it is signed there", () => {
  it("names readers, purposes, number of kinds and topics, and the time", () => {
    expect(readGrant(grant({ scope: [
      { who: [{ org: "SouthMSP", role: "physician" }], purpose: ["TREAT"], category: ["a", "b"], labels: ["x"] },
      { who: [{ org: "SouthMSP", role: "physician" }, { org: "EastMSP", staff: "sf-1" }], purpose: ["COC"], category: ["b", "c"] },
    ] }))).toEqual({
      ...plain, readers: [{ member: "SouthMSP", role: "physician" }, { member: "EastMSP", staff: true }], purposes: ["TREAT", "COC"], kinds: 3, sensitive: 1,
      start: period.start, end: period.end,
    });
  });

  it("calls everything everything as soon as one part leaves it open", () => {
    const open = readGrant(grant({ scope: [{ who: [{ anyHospital: true }], category: ["a"] }, {}], period: { start: period.start } }));
    expect(open).toEqual({ ...plain, readers: ["anyone"], purposes: null, kinds: null, sensitive: 0, start: period.start, end: null });
  });

  it("says that it ends an earlier rule, how often it is good, and that there are limits it has no words for", () => {
    expect(readGrant(grant({ replaces: "st-gezdgnbvgy3tqojqgezdgnbvgy", uses: 3 }))).toMatchObject({ replaces: true, uses: 3, narrowed: false });
    expect(readGrant(grant({ scope: [{}, { custodians: ["NorthMSP"] }] }))).toMatchObject({ narrowed: true });
    expect(readGrant(grant({ scope: [{ except: [{ labels: ["x"] }] }] }))).toMatchObject({ narrowed: true });
  });

  it("signs nothing but permits", () => {
    expect(readGrant(grant({ effect: "deny" }))).toBeNull();
    expect(readGrant(grant({ period: { start: "soon" } }))).toBeNull();
    expect(readGrant(toBase64Url(writeStatement("revoke", { statement: "st-a" }, signer).bytes))).toBeNull();
    for (const wrong of ["", "AA", "%%", toBase64Url(new TextEncoder().encode("{}")), toBase64Url(new Uint8Array([255, 254]))]) expect(readGrant(wrong)).toBeNull();
  });

  it.each<[string, string]>([
    ["of the body", grant({ emergency: "never" })],
    ["of a later form", grant({ more: true } as Partial<GrantBody>)],
    ["of a part", grant({ scope: [{ careTeam: ["x"] } as object] })],
    ["of an exception", grant({ scope: [{ except: [{ more: 1 } as object] }] })],
    ["of a reader", grant({ scope: [{ who: [{ org: "SouthMSP", study: "x" } as { org: string }] }] })],
    ["of the signer", grant({}, { ...signer, delegateId: "dg-gezdgnbvgy3tqojqgezdgnbvgy" } as typeof signer)],
  ])("signs nothing with a member that it does not know: %s", (_, statement) => expect(readGrant(statement)).toBeNull());

  it("signs no bytes but the canonical ones, in which no name stands twice", () => {
    const text = new TextDecoder().decode(writeStatement("grant", { effect: "permit", scope: [{}], period }, signer).bytes);
    const encoded = (bytes: string) => toBase64Url(new TextEncoder().encode(bytes));
    expect(readGrant(encoded(text))).not.toBeNull();
    expect(readGrant(encoded(`${text} `))).toBeNull();
    expect(readGrant(encoded(`\uFEFF${text}`))).toBeNull();
    expect(readGrant(encoded(text.replace('"scope":[{}]', '"scope":[{"category":["a"]}],"scope":[{}]')))).toBeNull();
  });
});

describe("what a regulator's page hears", () => {
  const portal = "https://north.example";

  function scene() {
    const [heard, said, window] = [[] as SecondKeyAsk[], [] as unknown[], new EventTarget()];
    const opener = { postMessage: (message: unknown) => said.push(message) };
    Object.assign(globalThis, { window: Object.assign(window, { opener }) });
    const say = (data: unknown, from: { origin?: string; source?: unknown } = {}) =>
      window.dispatchEvent(Object.assign(new Event("message"), { data, origin: portal, source: opener, ...from }));
    return { heard, said, stop: hearAsk(portal, (ask) => heard.push(ask)), ask: (ask: unknown, from?: object) => say({ kind: "healthshare.second-key", step: "ask", ask }, from), say };
  }

  it("is the first ask, whatever is asked afterwards", () => {
    const { heard, said, ask } = scene();
    expect(said).toHaveLength(1);
    ask({ want: "sign", statement: "first", credentialId: "a" });
    ask({ want: "sign", statement: "second", credentialId: "a" });
    ask({ want: "make" });
    expect(heard).toEqual([{ want: "sign", statement: "first", credentialId: "a" }]);
  });

  it("is nothing of another origin, another window, another kind, and nothing once it has stopped", () => {
    const { heard, stop, ask, say } = scene();
    ask({ want: "make" }, { origin: "https://evil.example" });
    ask({ want: "make" }, { source: {} });
    for (const strange of [null, "ask", { kind: "other", step: "ask" }, { kind: "healthshare.second-key", step: "answer" }]) say(strange);
    stop();
    ask({ want: "make" });
    expect(heard).toEqual([]);
  });
});

describe("what a portal hears from a regulator's page", () => {
  const site = "https://regulator.example";
  const ask: SecondKeyAsk = { want: "sign", statement: "AA", credentialId: "a" };

  function scene() {
    const page = { closed: false, postMessage: () => {} };
    const window = Object.assign(new EventTarget(), { open: () => page });
    Object.assign(globalThis, { window, location: { origin: "https://north.example" } });
    const answer = (said: object, from: object = {}) => window.dispatchEvent(Object.assign(new Event("message"), {
      data: { kind: "healthshare.second-key", step: "answer", answer: said }, origin: site, source: page, ...from,
    }));
    return { answer, answered: askSecondKey(site, ask) };
  }

  it("is what came of it", async () => {
    const { answer, answered } = scene();
    answer({ failed: "consent.not_broad" }, { origin: "https://evil.example" });
    answer({ coSigned: true });
    await expect(answered).resolves.toEqual({ coSigned: true });
  });

  it("is a refusal, with its code", async () => {
    const { answer, answered } = scene();
    answer({ failed: "consent.cosigner_same_origin" });
    await expect(answered).rejects.toMatchObject({ name: "ApiError", code: "consent.cosigner_same_origin" });
  });
});
