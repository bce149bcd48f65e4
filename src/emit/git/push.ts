import { failure } from "../../util/errors.ts";
import type { Fleet } from "./fleet.ts";
import { git, withoutPassword } from "./run.ts";

export interface PushOptions {
  branch?: string;
  /** The commit to publish. */
  commit: string;
  /** What the remote's branch must be at for the push to happen; undefined when it must not exist yet. */
  base: string | undefined;
}

/**
 * Push a commit to the fleet's remote if its branch is still where it was read (LF3003 otherwise). A local
 * fleet needs no push. Never a plain force: the lease names the commit that may be replaced.
 */
export async function pushFleet(fleet: Fleet, options: PushOptions): Promise<void> {
  if (fleet.remote === undefined) return;
  const ref = `refs/heads/${options.branch ?? "main"}`;
  const args = [
    "push",
    "--quiet",
    "--porcelain",
    `--force-with-lease=${ref}:${options.base ?? ""}`,
    fleet.remote,
    `${options.commit}:${ref}`,
  ];
  const { exitCode, stdout, stderr } = await git(fleet.repo, args, { network: true, accept: [1] });
  if (exitCode === 0) return;
  const said = `${stdout.toString("utf8")}\n${stderr}`;
  const stale = /stale info|fetch first|non-fast-forward|cannot lock ref/.test(said);
  throw failure("LF3003", {
    what: `the push to ${withoutPassword(fleet.remote)} was rejected`,
    why: stale ? "its branch moved since it was read" : refusal(said),
    fix: stale
      ? "run the command again: it starts from the new head"
      : "where the branch is protected, let landfall open pull requests, or allow this account to push",
  });
}

function refusal(said: string): string {
  const lines = said.split("\n").map((line) => line.trim());
  const telling = lines.filter((line) => /^remote:|\[(remote )?rejected\]|^error:|^fatal:/.test(line));
  return withoutPassword(telling.join("\n") || said.trim());
}
