import { beforeEach, describe, expect, it } from "vitest";
import { ApiError, UnansweredError } from "../src/api/problem";
import { Unanswered } from "../src/signing/unanswered";

describe("what was signed and not answered", () => {
  let signatures: number;
  let sent: string[];
  let unanswered: Unanswered<string>;
  const sign = async () => `signed ${++signatures}`;
  const answering = (error: Error | null) => async (signed: string) => {
    sent.push(signed);
    if (error) throw error;
    return "done";
  };

  beforeEach(() => {
    [signatures, sent, unanswered] = [0, [], new Unanswered()];
  });

  it.each([
    ["no answer came", new ApiError(0, {})], ["the node does not know", new ApiError(503, { mayHaveCommitted: true })], ["a proxy answered", new ApiError(504, {})],
  ])("is sent once more as it is, where %s", async (_, lost) => {
    await expect(unanswered.send("permit", sign, answering(lost))).rejects.toBeInstanceOf(UnansweredError);
    await expect(unanswered.send("permit", sign, answering(lost))).rejects.toBeInstanceOf(UnansweredError);
    await expect(unanswered.send("permit", sign, answering(null))).resolves.toBe("done");
    expect(sent).toEqual(["signed 1", "signed 1", "signed 1"]);
  });

  it("is signed anew once it was answered, once it was refused, and where something else is meant", async () => {
    await unanswered.send("permit", sign, answering(null));
    const refusal = new ApiError(422, { code: "statement.too_old" });
    await expect(unanswered.send("permit", sign, answering(refusal))).rejects.toBe(refusal);
    await expect(unanswered.send("permit", sign, answering(new ApiError(0, {})))).rejects.toBeInstanceOf(UnansweredError);
    await unanswered.send("deny", sign, answering(null));
    expect(sent).toEqual(["signed 1", "signed 2", "signed 3", "signed 4"]);
  });

  it("needs no second touch of the passkey where nothing was done, and is not called open then", async () => {
    const away = new ApiError(503, { mayHaveCommitted: false });
    await expect(unanswered.send("permit", sign, answering(away))).rejects.toBe(away);
    await unanswered.send("permit", sign, answering(null));
    expect(sent).toEqual(["signed 1", "signed 1"]);
  });

  it("keeps what the answer said for support", async () => {
    const lost = new ApiError(503, { title: "Lost", code: "ledger.timeout", requestId: "r1", mayHaveCommitted: true });
    await expect(unanswered.send("permit", sign, answering(lost))).rejects.toMatchObject({ status: 503, code: "ledger.timeout", requestId: "r1", message: "Lost" });
  });
});
