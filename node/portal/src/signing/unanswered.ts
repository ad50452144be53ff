import { ApiError, UnansweredError } from "../api/problem";

/**
 * Keeps what was signed while nobody knows what came of it: a second try sends the very same bytes, which have no second effect, and not a new
 * statement, which would stand beside the first.
 */
export class Unanswered<TSigned> {
  private kept: { about: string; signed: TSigned } | null = null;

  /**
   * Signs and sends.
   * @param about What is signed, equal where a second try means the same: something else is signed anew.
   * @throws UnansweredError Where it may have been done or not.
   */
  async send<TResult>(about: string, sign: () => Promise<TSigned>, send: (signed: TSigned) => Promise<TResult>): Promise<TResult> {
    const signed = this.kept?.about === about ? this.kept.signed : await sign();
    this.kept = { about, signed };
    try {
      const result = await send(signed);
      this.kept = null;
      return result;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // such as a dismissed passkey, before it was let through
      if (!error.mayRetry) this.kept = null; // refused: as it is, it never counts
      throw error.leavesOpen ? new UnansweredError(error) : error;
    }
  }
}
