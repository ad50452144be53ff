/** What a node says about a call that it refused or could not do (problem+json). */
interface ProblemBody {
  title?: string | null;
  detail?: string | null;
  code?: string;
  requestId?: string;
  mayHaveCommitted?: boolean;
}

/** A call that did not succeed. `code` is stable and never translated; 0 stands for a call that reached no node. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;
  /** Whether what was sent may count on the channel all the same; undefined where the answer does not say. */
  readonly mayHaveCommitted: boolean | undefined;

  constructor(status: number, body: ProblemBody, retryAfter?: number) {
    super(body.title ?? body.code ?? `HTTP ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = body.code ?? (status === 0 ? "network" : `http.${status}`);
    this.detail = body.detail ?? undefined;
    this.requestId = body.requestId;
    this.retryAfter = retryAfter;
    this.mayHaveCommitted = body.mayHaveCommitted;
  }

  /** True where the node knows of no session, or of none that is still good. */
  get isSessionOver(): boolean {
    return this.status === 401 && this.code === "auth.unauthenticated";
  }

  /** True where the same call may succeed a moment later. */
  get mayRetry(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** True where what was sent may have been done or not: no answer came, or one that leaves it open. */
  get leavesOpen(): boolean {
    return (this.status === 0 || this.status >= 500) && this.mayHaveCommitted !== false;
  }

  static async of(response: Response): Promise<ApiError> {
    const retryAfter = Number(response.headers.get("Retry-After") ?? NaN);
    return new ApiError(response.status, bodyOf(await response.text()), Number.isFinite(retryAfter) ? retryAfter : undefined);
  }
}

/** What was signed was sent, and nobody can tell from here whether it was done. Sending the same once more has no second effect. */
export class UnansweredError extends ApiError {
  constructor({ status, message, detail, code, requestId, retryAfter }: ApiError) {
    super(status, { title: message, detail, code, requestId }, retryAfter);
    this.name = "UnansweredError";
  }
}

function bodyOf(text: string): ProblemBody {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {}; // a proxy's page, say: the status alone has to do
  }
}
