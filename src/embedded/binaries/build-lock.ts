import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { besidePath } from "../../util/files.ts";
import { identify, isAlive } from "../machine/process-id.ts";
import type { ProcessId } from "../types.ts";

/** How often a waiter looks again, in milliseconds. */
const pollMs = 500;

/** Within one process: the last builder of each lock, so that callers queue without polling. */
const queues = new Map<string, Promise<void>>();

/**
 * Run `work` alone among all processes of this machine. A holder that died (its process number with its start
 * time is gone) loses the lock. `onWait` is told about the living holder each time a waiter looks.
 */
export async function withBuildLock<T>(
  path: string,
  work: () => Promise<T>,
  options: { signal?: AbortSignal | undefined; onWait?: (pid: number) => void } = {},
): Promise<T> {
  const before = queues.get(path) ?? Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const after = before.then(() => promise);
  queues.set(path, after);
  try {
    await waitForTurn(before, options.signal);
    await take(path, options);
    try {
      return await work();
    } finally {
      rmSync(path, { force: true });
    }
  } finally {
    resolve();
    if (queues.get(path) === after) queues.delete(path);
  }
}

/** Wait for the builder before us in this process, or until interrupted. */
async function waitForTurn(before: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([before, promise]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

async function take(
  path: string,
  options: { signal?: AbortSignal | undefined; onWait?: (pid: number) => void },
): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  while (!tryTake(path)) {
    const holder = readHolder(path);
    if (!holder || !isAlive(holder)) {
      removeStale(path);
      continue;
    }
    options.onWait?.(holder.pid);
    await sleep(pollMs, undefined, options.signal ? { signal: options.signal } : {});
  }
}

function readHolder(path: string): ProcessId | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ProcessId;
  } catch {
    return undefined;
  }
}

/** A link appears with its whole content at once, so no reader sees a lock without its holder. */
function tryTake(path: string): boolean {
  const aside = besidePath(path);
  writeFileSync(
    aside,
    JSON.stringify(identify(process.pid) ?? { pid: process.pid, startTime: "", bootId: "" }),
  );
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Take a dead holder's lock away. Should a living one have come in between, it gets its lock back. */
function removeStale(path: string): void {
  const aside = besidePath(path);
  try {
    renameSync(path, aside);
    const holder = readHolder(aside);
    if (holder && isAlive(holder)) linkSync(aside, path);
  } catch {
    // Another waiter was first.
  }
  rmSync(aside, { force: true });
}
