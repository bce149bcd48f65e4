import { rmSync } from "node:fs";
import { failure } from "../../util/errors.ts";
import { readHolder, tryTakeLock } from "../machine/lock-file.ts";
import { until } from "../machine/wait.ts";

/** A killed process needs a moment to be gone. */
const patienceMs = 600;

/**
 * Run `work` while holding the lock file at `path`. LF4007 when a living process holds it; the lock of a
 * dead process (killed, or from before a reboot) is taken over.
 */
export async function withLock<T>(path: string, command: string, work: () => Promise<T>): Promise<T> {
  const taken = await until(() => tryTakeLock(path, command), patienceMs, 20);
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
