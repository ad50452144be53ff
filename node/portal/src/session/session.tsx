import { useQuery, useQueryClient, type QueryClient, type UseMutationResult } from "@tanstack/react-query";
import { createContext, use, useEffect, useState, type ReactNode } from "react";
import { useAction } from "../api/action";
import { signedOut } from "../api/client";
import { ApiError } from "../api/problem";
import { readSession, signOut, stepUp, type Session } from "./session-api";

interface SessionState {
  /** Null when nobody is signed in; undefined until the node has answered. */
  session: Session | null | undefined;
  error: Error | null;
  retry(): void;
  begin(session: Session): void;
  /** Whether a session ended that this page was in, elsewhere or by its time. */
  isOver: boolean;
  /** Signs out; where it failed, the door says so. */
  end: UseMutationResult<void, Error, void>;
}

const SessionContext = createContext<SessionState | null>(null);
const key = ["session"];

// The session's own entry stays, for whoever watches it; all else belonged to whoever was signed in before.
function become(client: QueryClient, session: Session | null): void {
  client.setQueryData(key, session);
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== key[0] });
}

/** Drops what was shown to whoever was signed in; false where nobody was: a refusal ends nothing then, and what asked would only ask again. */
export function forget(client: QueryClient): boolean {
  if (!client.getQueryData(key)) return false;
  become(client, null);
  return true;
}

/** Signs out. Whatever comes of the call, nothing stays shown: whoever asked for it may be gone already. */
export async function leave(client: QueryClient): Promise<void> {
  become(client, null);
  try {
    await signOut();
  } catch (error) {
    if (!(error instanceof ApiError && error.isSessionOver)) throw error;
  }
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [isOver, setIsOver] = useState(false);
  const query = useQuery({
    queryKey: key, staleTime: Infinity,
    queryFn: async () => {
      try {
        return await readSession();
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
  });

  useEffect(() => {
    // What was shown belongs to whoever was signed in: nothing of it stays.
    const over = () => {
      if (forget(client)) setIsOver(true);
    };
    window.addEventListener(signedOut, over);
    return () => window.removeEventListener(signedOut, over);
  }, [client]);

  const end = useAction({
    mutationFn: () => {
      setIsOver(false);
      return leave(client);
    },
  });
  const state: SessionState = {
    session: query.data, error: query.error, retry: () => void query.refetch(), isOver, end,
    begin(session) {
      end.reset();
      setIsOver(false);
      become(client, session);
    },
  };
  return <SessionContext value={state}>{children}</SessionContext>;
}

export function useSessionState(): SessionState {
  const state = use(SessionContext);
  if (!state) throw new Error("There is no SessionProvider above.");
  return state;
}

/** The session of pages that only those who are signed in reach. */
export function useSession(): Session {
  const { session } = useSessionState();
  if (!session) throw new Error("Nobody is signed in.");
  return session;
}

/** The id of the patient who is signed in. */
export function usePatientId(): string {
  const { patientId } = useSession();
  if (!patientId) throw new Error("The session is no patient's.");
  return patientId;
}

/** Does what needs a fresh signature: asks for one only where the node says that it is missing, and then tries once more. */
export async function withStepUp<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "session.step_up_required") throw error;
    await stepUp();
    return act();
  }
}
