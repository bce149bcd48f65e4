import { existsSync, readFileSync, rmSync } from "node:fs";
import { writeFileAtomic } from "../util/files.ts";
import { withBuildLock } from "./binaries/build-lock.ts";

/** Where the system looks for the policy, and what keeps two installs apart; the whole machine shares both. */
export interface PolicyFiles {
  policy: string;
  lock: string;
}

const systemFiles: PolicyFiles = {
  policy: "/usr/sbin/policy-rc.d",
  lock: "/run/lock/landfall-packages.lock",
};

/** Tells our file from one of the user, also when the run that wrote it was killed. */
const marker = "# Written by landfall while it installs packages; it may be removed.";

function isOurs(path: string): boolean {
  return readFileSync(path, "utf8").includes(marker);
}

/**
 * Run `work` while no package that is installed may start its daemon: Debian asks a policy file, and 101
 * forbids the start (invoke-rc.d(8)). A policy of the user stays as it is. Runs side by side take turns, so
 * that none removes another's protection; the file that a killed run left is taken over and removed.
 */
export async function withoutDaemonStarts<T>(work: () => Promise<T>, files = systemFiles): Promise<T> {
  return await withBuildLock(files.lock, async () => {
    if (existsSync(files.policy) && !isOurs(files.policy)) return await work();
    writeFileAtomic(files.policy, `#!/bin/sh\n${marker}\nexit 101\n`, 0o755);
    try {
      return await work();
    } finally {
      rmSync(files.policy, { force: true });
    }
  });
}
