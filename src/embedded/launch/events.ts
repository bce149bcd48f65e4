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

/** What the caller is told when it wanted the end itself. */
function interrupted(cause?: unknown) {
  const fix = "run `landfall up` to go on, or `landfall down` to remove what was made";
  return failure("LF9003", { what: "interrupted", fix }, cause);
}

/** Run `work`; whatever it fails with after the caller wanted an end is told as an interruption (LF9003). */
export async function interruptible<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw signal?.aborted ? interrupted(error) : error;
  }
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
      if (signal?.aborted) throw interrupted();
    },
    ...(signal ? { signal } : {}),
  };
}
