import { describe, expect, it } from "vitest";
import { oneAtATime } from "../src/api/action";

describe("what a button does", () => {
  it("is begun once, however often it is pressed before the page can show it", async () => {
    const calls: ((answer: string) => void)[] = [];
    const gate = oneAtATime((_: string) => new Promise<string>((resolve) => calls.push(resolve)));
    const answers: Promise<string>[] = [];
    const press = () => gate.begin(() => answers.push(gate.run("x")));
    press();
    press();
    expect(calls.length).toBe(1);
    calls[0]!("done");
    expect(await answers[0]).toBe("done");
    press();
    expect(calls.length).toBe(2);
  });

  it("can be tried again once it failed", async () => {
    let tries = 0;
    const gate = oneAtATime(() => Promise.reject(new Error(`try ${++tries}`)));
    for (const message of ["try 1", "try 2"]) {
      let answer: Promise<never> | undefined;
      gate.begin(() => (answer = gate.run(undefined)));
      await expect(answer).rejects.toThrow(message);
    }
  });
});
