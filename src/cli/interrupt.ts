import { failure } from "../util/errors.ts";

/** Signals that ask a command to end: Ctrl-C, a supervisor's request, a closed terminal. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A terminal and a wrapper may both hand on one Ctrl-C; only a second one, well after, ends the process at once. */
const insistMs = 1000;

/**
 * Aborts when the user interrupts, so that everything a command started ends with it. Asking again after a second ends
 * the process at once.
 */
export function interruptible(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const ask = () => {
    const now = performance.now();
    if (first > 0 && now - first > insistMs) process.exit(130);
    first = first || now;
    controller.abort(
      failure("LF9003", {
        what: "interrupted",
        fix: "run the same command again: it goes on from what is there",
      }),
    );
  };
  for (const signal of signals) process.on(signal, ask);
  return controller.signal;
}
