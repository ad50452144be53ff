import { useMutation, type UseMutationOptions, type UseMutationResult } from "@tanstack/react-query";
import { useMemo, useRef } from "react";

/** Lets a call run once at a time: what is asked for while it runs is dropped. Presses of one button come faster than a page that is busy can draw it so. */
export function oneAtATime<TVariables, TData>(call: (variables: TVariables) => Promise<TData>) {
  let isRunning = false;
  return {
    /** Begins what calls `run`; does nothing while an earlier one runs. */
    begin(start: () => void): void {
      if (isRunning) return;
      isRunning = true;
      start();
    },
    async run(variables: TVariables): Promise<TData> {
      try {
        return await call(variables);
      } finally {
        isRunning = false;
      }
    },
  };
}

/** What a button does: a mutation that a second press does not begin again while it runs. */
export function useAction<TData, TVariables = void>(
  options: UseMutationOptions<TData, Error, TVariables> & { mutationFn: (variables: TVariables) => Promise<TData> },
): UseMutationResult<TData, Error, TVariables> {
  const latest = useRef(options.mutationFn);
  latest.current = options.mutationFn;
  const gate = useMemo(() => oneAtATime((variables: TVariables) => latest.current(variables)), []);
  const mutation = useMutation<TData, Error, TVariables>({ ...options, mutationFn: gate.run });
  return { ...mutation, mutate: (...press) => gate.begin(() => mutation.mutate(...press)) };
}
