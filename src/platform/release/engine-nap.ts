import { watchBranch } from "../../embedded/delivery/ref-watch.ts";
import type { ReleaseFleet } from "./store.ts";

export interface Napper {
  /** Sleep until the time is over, the fleet's branch moves here, or the signal. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** How often a Git host is asked at least: its branch moves without any notice. */
const remoteMs = 10_000;

/** Sleeps that end as soon as somebody commits to the fleet. */
export function napper({ repo, branch, remote }: ReleaseFleet): Napper {
  let wake = () => {};
  const unwatch = watchBranch(repo, branch, () => wake());
  const sleep = (ms: number, signal: AbortSignal) =>
    new Promise<void>((done) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        wake = () => {};
        done();
      };
      const timer = setTimeout(end, remote === undefined ? ms : Math.min(ms, remoteMs));
      signal.addEventListener("abort", end, { once: true });
      wake = end;
      if (signal.aborted) end();
    });
  return { sleep, close: unwatch };
}
