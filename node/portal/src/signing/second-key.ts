import type { Schemas } from "../api/client";
import { ApiError } from "../api/problem";

/** What a hospital's portal asks the page of another site for: a new passkey there, or a second signature, which that page itself brings to the channel. */
export type SecondKeyAsk = { want: "make" } | { want: "sign"; statement: string; credentialId: string };
/** What came of it; `failed` is the code of a refusal that trying again does not change. */
export type SecondKeyAnswer = { made: Schemas["Credential"] } | { coSigned: true } | { failed: string };

const kind = "healthshare.second-key";
type Message = { kind: typeof kind } & ({ step: "ready" } | { step: "ask"; ask: SecondKeyAsk } | { step: "answer"; answer: SecondKeyAnswer });

const isMessage = (data: unknown): data is Message => typeof data === "object" && data !== null && (data as Message).kind === kind;

/** The other site's page was closed before it answered, or could not be opened. */
export class SecondKeyClosedError extends Error {}

/** Opens the other site's page and waits for what it answers; what it says it was refused is thrown. Call it from a click: browsers open no window else. */
export function askSecondKey(site: string, ask: SecondKeyAsk): Promise<Exclude<SecondKeyAnswer, { failed: string }>> {
  const page = window.open(`${site}/second-key#${location.origin}`, "healthshare-second-key", "popup,width=520,height=760");
  return new Promise((resolve, reject) => {
    if (!page) return reject(new SecondKeyClosedError());
    const hear = ({ data, origin, source }: MessageEvent) => {
      // Whatever else is said, by whomever, is none of this conversation.
      if (origin !== site || source !== page || !isMessage(data)) return;
      if (data.step === "ready") page.postMessage({ kind, step: "ask", ask } satisfies Message, site);
      else if (data.step === "answer") {
        const { answer } = data;
        done(() => ("failed" in answer ? reject(new ApiError(422, { code: answer.failed })) : resolve(answer)));
      }
    };
    const watch = setInterval(() => page.closed && done(() => reject(new SecondKeyClosedError())), 500);
    const done = (end: () => void) => {
      clearInterval(watch);
      window.removeEventListener("message", hear);
      end();
    };
    window.addEventListener("message", hear);
  });
}

/**
 * On the other site's page: tells the one portal that opened it that it is there, and hears the first thing that is asked, no other: what a
 * person has read and is about to sign must not change under the click. Returns how to stop.
 */
export function hearAsk(portal: string, heard: (ask: SecondKeyAsk) => void): () => void {
  const opener = window.opener as Window;
  const stop = () => window.removeEventListener("message", hear);
  const hear = ({ data, origin, source }: MessageEvent) => {
    if (origin !== portal || source !== opener || !isMessage(data) || data.step !== "ask") return;
    stop();
    heard(data.ask);
  };
  window.addEventListener("message", hear);
  opener.postMessage({ kind, step: "ready" } satisfies Message, portal);
  return stop;
}

export const answerPortal = (portal: string, answer: SecondKeyAnswer): void =>
  (window.opener as Window).postMessage({ kind, step: "answer", answer } satisfies Message, portal);
