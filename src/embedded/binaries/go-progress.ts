/** What a running build tells. */
export interface GoProgress {
  phase: "waiting" | "fetching" | "compiling" | "linking";
  /** Modules fetched, or packages compiled, so far. */
  done: number;
  /** Packages the program consists of; those the Go build cache has are never compiled. 0: not known yet. */
  total: number;
}

/** One line for people, e.g. `kubernetes: compiling 512 of at most 2874 packages, 1m12s`. */
export function progressLine(program: string, progress: GoProgress, elapsedMs: number): string {
  const { phase, done, total } = progress;
  const what = {
    waiting: "waiting for another build to end",
    fetching: done > 0 ? `fetching modules, ${done} so far` : "reading modules",
    compiling:
      done > 0
        ? `compiling ${done} of at most ${total} packages`
        : `checking ${total} packages, then linking`,
    linking: `linking (${done} packages compiled)`,
  }[phase];
  return `${program}: ${what}, ${duration(elapsedMs)}`;
}

/** e.g. `9s`, `1m05s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}

/** How often a line is sent at least, in milliseconds: the time in it moves on although nothing else does. */
const heartbeatMs = 1000;

/** Sends a line at each beat and at each change of phase. End it in a `finally`. */
export function progressReporter(program: string, onProgress: ((line: string) => void) | undefined) {
  const started = Date.now();
  const progress: GoProgress = { phase: "waiting", done: 0, total: 0 };
  const send = () => onProgress?.(progressLine(program, progress, Date.now() - started));
  const timer = setInterval(send, heartbeatMs);
  return {
    progress,
    enter(phase: GoProgress["phase"]) {
      if (progress.phase === phase) return;
      progress.phase = phase;
      send();
    },
    elapsedMs: () => Date.now() - started,
    end: () => clearInterval(timer),
  };
}
