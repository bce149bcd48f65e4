import type { Action } from "./action.ts";
import type { Observed } from "./observed.ts";
import type { Phase, Release } from "./release.ts";
import { advance, halt, pass, pause, prove, resume } from "./rules-ahead.ts";
import { finishBack, goBack, proveBack } from "./rules-back.ts";
import { start, supersede } from "./rules-queued.ts";
import type { Rule } from "./step.ts";

/** What may happen in each phase, most urgent first. A release that is over is left alone. */
const rules: Partial<Record<Phase, readonly Rule[]>> = {
  queued: [supersede, start],
  running: [supersede, halt, prove, pause, advance, pass],
  paused: [supersede, halt, prove, resume],
  returning: [supersede, goBack, proveBack, finishBack],
};

/**
 * The next step of each release that has one, at most one each: the same words on whatever machine it is asked.
 * `seen` may be old or incomplete: what is missing is waited for. `now` is in epoch milliseconds. Each action is one
 * commit onto the head that `releases` and `seen.pointers` were read from; when somebody was faster, read and decide
 * again.
 */
export function decide(releases: readonly Release[], seen: Observed, now: number): Action[] {
  return releases.flatMap((release) => {
    for (const rule of rules[release.phase] ?? []) {
      const action = rule({ release, releases, seen, now });
      if (action) return [action];
    }
    return [];
  });
}
