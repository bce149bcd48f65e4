import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { goEnv } from "./go-toolchain.ts";

/** How long a `go` that was interrupted may clean up before it is killed, in milliseconds. */
const graceMs = 2000;

/** How many of the last lines are kept to explain a failure. */
const keptLines = 40;

export interface GoRun {
  command: string;
  folder: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  onStdout?: (line: string) => void;
  onStderr?: (line: string) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Run `go` in a process group of its own and hand on its lines; answers its exit code and last lines of
 * stderr. When `signal` is aborted the whole group ends, compilers too, and the signal's reason is thrown.
 */
export async function runGo(options: GoRun): Promise<{ code: number; tail: string[] }> {
  options.signal?.throwIfAborted();
  const child = spawn(options.command, ["-C", options.folder, ...options.args], {
    env: goEnv(options.env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const tail: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => options.onStdout?.(line));
  createInterface({ input: child.stderr }).on("line", (line) => {
    tail.push(line);
    if (tail.length > keptLines) tail.shift();
    options.onStderr?.(line);
  });
  let kill: NodeJS.Timeout | undefined;
  const onAbort = () => {
    signalGroup(child.pid, "SIGINT");
    kill = setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMs);
  };
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit) => resolve(exit ?? -1));
    });
    options.signal?.throwIfAborted();
    return { code, tail };
  } finally {
    clearTimeout(kill);
    options.signal?.removeEventListener("abort", onAbort);
    // Compilers that outlived an interrupted `go` would keep writing into a folder that is removed next.
    if (options.signal?.aborted) signalGroup(child.pid, "SIGKILL");
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}
