/**
 * A few files of a large tree change by one commit; the rest of the tree is not read. The branch moves only from the
 * commit the change was decided on, so of several writers exactly one wins.
 */
import { LandfallError } from "../../util/errors.ts";
import { type Fleet, fetchFleet, headOf } from "./fleet.ts";
import { importCommit, type NewCommit } from "./import-commit.ts";
import { pushFleet } from "./push.ts";
import { moveRef } from "./ref.ts";
import { git } from "./run.ts";

export interface Changes extends Omit<NewCommit, "parent"> {
  branch?: string;
  /** The head this was decided on. */
  base: string;
}

/**
 * Commit onto `base` and publish it, at the remote first where there is one, so that the local branch never has what
 * nobody else can see. `"moved"` when the branch is elsewhere: nothing happened then. Errors: LF3002, LF3003 (refused).
 */
export async function commitChanges(fleet: Fleet, changes: Changes): Promise<{ commit: string } | "moved"> {
  const { base, branch = "main" } = changes;
  if (fleet.remote === undefined && (await headOf(fleet.repo, branch)) !== base) return "moved";
  const commit = await importCommit(fleet.repo, { ...changes, parent: base });
  return (await publishCommit(fleet, { branch, commit, base })) ? { commit } : "moved";
}

/** Publish a commit that the repository has and nobody sees yet; false when the branch is not at `base`. */
export async function publishCommit(
  fleet: Fleet,
  { branch, commit, base }: { branch: string; commit: string; base: string },
): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  if (fleet.remote === undefined) return moveRef(fleet.repo, ref, commit, base);
  const pushed = await push(fleet, branch, commit, base);
  if (pushed) await moveRef(fleet.repo, ref, commit, base);
  return pushed;
}

/** Whether the remote has the commit now. What a broken connection leaves open is asked. */
async function push(fleet: Fleet, branch: string, commit: string, base: string): Promise<boolean> {
  try {
    await pushFleet(fleet, { branch, commit, base });
    return true;
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    const head = await fetchFleet(fleet, branch);
    if (head === base || head === undefined) throw error;
    return isAncestor(fleet.repo, commit, head);
  }
}

/** Whether a commit is part of another one's history. */
export async function isAncestor(repo: string, commit: string, of: string): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", commit, of];
  return (await git(repo, args, { accept: [1, 128] })).exitCode === 0;
}
