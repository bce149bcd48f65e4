import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { git } from "./run.ts";

/** An update holds a ref's lock for milliseconds: a lock of this age was left by a process that was killed. */
const staleLockMs = 30_000;

/**
 * Point a ref at a commit if it still is at `from` (undefined: if it does not exist). Returns false when it is
 * elsewhere. Waits out another writer's lock and clears one that a killed process left.
 */
export async function moveRef(
  repo: string,
  ref: string,
  to: string,
  from: string | undefined,
): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    const args = ["update-ref", ref, to, from ?? "0".repeat(40)];
    const { exitCode, stderr } = await git(repo, args, { accept: [128] });
    if (exitCode === 0) return true;
    if (!/Unable to create .*\.lock|File exists/.test(stderr)) return ruledOut(repo, args, stderr);
    clearStaleLock(repo, ref);
    if (attempt === 20) await git(repo, args);
    await sleep(25 * (1 + (attempt % 8)));
  }
}

/** A ref that is elsewhere is an answer; any other failure is raised with git's message. */
async function ruledOut(repo: string, args: string[], stderr: string): Promise<boolean> {
  if (/ but expected |reference already exists|unable to resolve reference/.test(stderr)) return false;
  await git(repo, args);
  return true;
}

function clearStaleLock(repo: string, ref: string): void {
  const lock = join(repo, `${ref}.lock`);
  try {
    if (Date.now() - statSync(lock).mtimeMs > staleLockMs) rmSync(lock, { force: true });
  } catch {
    // Gone meanwhile: its owner has finished.
  }
}
