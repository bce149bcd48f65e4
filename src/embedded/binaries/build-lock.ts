import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readHolder, tryTakeLock } from "../machine/lock-file.ts";

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
  while (!tryTakeLock(path)) {
    const holder = readHolder(path);
    // A dead holder's lock is gone by now, so the next try succeeds at once.
    if (!holder) continue;
    options.onWait?.(holder.pid);
    await sleep(pollMs, undefined, options.signal ? { signal: options.signal } : {});
  }
}
