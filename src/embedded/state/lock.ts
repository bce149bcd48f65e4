import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { failure } from "../../util/errors.ts";
import { besidePath } from "../../util/files.ts";
import { identify, isAlive } from "../machine/process-id.ts";
import { until } from "../machine/wait.ts";
import type { ProcessId } from "../types.ts";

interface Holder extends ProcessId {
  command: string;
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** Make the lock file with its whole content at once; false when it is there already. */
function tryTake(path: string, holder: Holder): boolean {
  const aside = besidePath(path);
  writeFileSync(aside, JSON.stringify(holder), { mode: 0o600 });
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

/** Take away a dead process's lock. Renaming first makes sure that only one waiter removes it. */
function removeStale(path: string): void {
  const aside = besidePath(path);
  try {
    renameSync(path, aside);
    const holder = readHolder(aside);
    if (holder && isAlive(holder)) linkSync(aside, path);
  } catch {
    // Another process was first.
  }
  rmSync(aside, { force: true });
}

/** A killed process needs a moment to be gone. */
const patienceMs = 600;

/**
 * Run `work` while holding the lock file at `path`. LF4007 when a living process holds it; the lock of a
 * dead process (killed, or from before a reboot) is taken over.
 */
export async function withLock<T>(path: string, command: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const self = identify(process.pid);
  const holder: Holder = { pid: process.pid, startTime: "", bootId: "", ...self, command };
  const taken = await until(
    () => {
      if (tryTake(path, holder)) return true;
      const other = readHolder(path);
      if (!other || !isAlive(other)) removeStale(path);
      return false;
    },
    patienceMs,
    20,
  );
  if (!taken) {
    const other = readHolder(path);
    throw failure("LF4007", {
      what: `another command is working on this cluster${other ? `: \`${other.command}\`` : ""}`,
      why: other ? `process ${other.pid} holds ${path}` : `${path} cannot be taken`,
      fix: "wait until it ends, or end it, and try again",
    });
  }
  try {
    return await work();
  } finally {
    if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true });
  }
}
