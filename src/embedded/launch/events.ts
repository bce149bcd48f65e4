import { failure } from "../../util/errors.ts";
import type { EmbeddedEvent } from "../types.ts";

type Step = EmbeddedEvent["step"];

/** Where the steps of a start or stop tell of themselves, and learn that they are to end. */
export interface EventSink {
  start: (step: Step, text: string) => void;
  progress: (step: Step, text: string, process?: string) => void;
  done: (step: Step, text: string, process?: string) => void;
  /** LF9003 when the caller wants an end. */
  check: () => void;
  signal?: AbortSignal;
}

/** A sink that stamps each event with the milliseconds since now. */
export function createSink(onEvent: (event: EmbeddedEvent) => void, signal?: AbortSignal): EventSink {
  const began = Date.now();
  const say = (state: EmbeddedEvent["state"]) => (step: Step, text: string, process?: string) =>
    onEvent({ at: Date.now() - began, step, state, text, ...(process ? { process } : {}) });
  return {
    start: say("start"),
    progress: say("progress"),
    done: say("done"),
    check: () => {
      if (!signal?.aborted) return;
      throw failure("LF9003", {
        what: "interrupted",
        fix: "run `landfall up` to go on, or `landfall down` to remove what was made",
      });
    },
    ...(signal ? { signal } : {}),
  };
}
