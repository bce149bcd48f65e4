import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { besidePath } from "../../util/files.ts";
import type { ProcessId } from "../types.ts";
import { identify, isAlive } from "./process-id.ts";

/** Who holds a lock file, and what for. */
export interface LockHolder extends ProcessId {
  command?: string;
}

/** The holder a lock file names; undefined when there is no lock or it is damaged. */
export function readHolder(path: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as LockHolder;
  } catch {
    return undefined;
  }
}

/** Take the lock for this process; false when somebody has it. A dead holder's lock is removed for the next try. */
export function tryTakeLock(path: string, command?: string): boolean {
  if (link(path, command)) return true;
  const holder = readHolder(path);
  if (!holder || !isAlive(holder)) removeStale(path);
  return false;
}

/** A link appears with its whole content at once, so no reader sees a lock without its holder. */
function link(path: string, command: string | undefined): boolean {
  mkdirSync(dirname(path), { recursive: true });
  const self = identify(process.pid) ?? { pid: process.pid, startTime: "", bootId: "" };
  const aside = besidePath(path);
  writeFileSync(aside, JSON.stringify({ ...self, ...(command && { command }) }), { mode: 0o600 });
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

/** Renaming first makes sure that only one waiter removes it; a living holder that came in between gets it back. */
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
