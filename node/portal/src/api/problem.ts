/** What a node says about a call that it refused or could not do (problem+json). */
interface ProblemBody {
  title?: string | null;
  detail?: string | null;
  code?: string;
  requestId?: string;
}

/** A call that did not succeed. `code` is stable and never translated; 0 stands for a call that reached no node. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(status: number, body: ProblemBody, retryAfter?: number) {
    super(body.title ?? body.code ?? `HTTP ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.code = body.code ?? (status === 0 ? "network" : `http.${status}`);
    this.detail = body.detail ?? undefined;
    this.requestId = body.requestId;
    this.retryAfter = retryAfter;
  }

  /** True where the node knows of no session, or of none that is still good. */
  get isSessionOver(): boolean {
    return this.status === 401 && this.code === "auth.unauthenticated";
  }

  /** True where the same call may succeed a moment later. */
  get mayRetry(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  static async of(response: Response): Promise<ApiError> {
    const retryAfter = Number(response.headers.get("Retry-After") ?? NaN);
    return new ApiError(response.status, bodyOf(await response.text()), Number.isFinite(retryAfter) ? retryAfter : undefined);
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
