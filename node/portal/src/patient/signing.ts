import { useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useAction } from "../api/action";
import type { Schemas } from "../api/client";
import { usePatientId, useSession, withStepUp } from "../session/session";
import { PasskeyError } from "../signing/passkey";
import { signStatement, type GrantBody, type StatementBodies } from "../signing/statement";
import { Unanswered } from "../signing/unanswered";
import { askedOf } from "./draft";
import { credentialsQuery, patientKey } from "./queries";

/** How far a signature has come. */
export type Phase = "idle" | "signing" | "sending";

interface Signing<TResult> {
  phase: Phase;
  act: UseMutationResult<TResult, Error, void>;
}

/**
 * Has the patient sign a statement with a passkey of this site and brings it to the channel. Everything shown of the patient is read
 * again afterwards. Where no answer came, a second try sends the same signed statement once more.
 */
export function useSigning<T extends keyof StatementBodies, TResult>(
  type: T, body: () => StatementBodies[T] | Promise<StatementBodies[T]>, send: (signed: Schemas["SignedStatement"], id: string) => Promise<TResult>,
): Signing<TResult> {
  const session = useSession();
  const patientId = usePatientId();
  const client = useQueryClient();
  const [phase, setPhase] = useState<Phase>("idle");
  const unanswered = useRef(new Unanswered<{ id: string; signed: Schemas["SignedStatement"] }>());
  const act = useAction({
    mutationFn: async () => {
      try {
        const content = await body();
        return await unanswered.current.send(aboutOf(type, content), async () => {
          setPhase("signing");
          // Who acts in the patient's place signs with the passkey that signed in: it is none of the patient's own.
          const credentialId = session.delegateId ? session.credentialId
            : pickCredential(await client.fetchQuery({ ...credentialsQuery(patientId), staleTime: 60_000 }), session.credentialId);
          return signStatement(type, content, { channel: session.channel, patientId, credentialId, delegateId: session.delegateId ?? undefined });
        }, ({ id, signed }) => {
          setPhase("sending");
          return withStepUp(() => send(signed, id));
        });
      } finally {
        setPhase("idle");
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: patientKey(patientId) }),
  });
  return { phase, act };
}

// A permit's times move with the clock: what is meant is how long it lasts.
const aboutOf = <T extends keyof StatementBodies>(type: T, content: StatementBodies[T]): string =>
  JSON.stringify([type, type === "grant" ? askedOf(content as GrantBody) : content]);

/** The credential of this site to sign with: the one that signed in, where the patient has it. */
export function pickCredential(credentials: readonly Schemas["PatientCredential"][], preferred: string): string {
  const usable = credentials.filter((entry) => !entry.revokedAt && entry.rpId === location.hostname && entry.origins.includes(location.origin));
  const picked = usable.find((entry) => entry.credentialId === preferred) ?? usable[0];
  if (!picked) throw new PasskeyError("noCredential");
  return picked.credentialId;
}
