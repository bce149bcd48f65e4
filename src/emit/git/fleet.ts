import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { failure } from "../../util/errors.ts";
import { makeFolderAtomic } from "../../util/files.ts";
import { sha256 } from "../../util/hash.ts";
import { cachePath } from "../../util/home.ts";
import { git } from "./run.ts";

/** A fleet repo as landfall works on it: always a local bare repository, which may stand for a remote one. */
export interface Fleet {
  /** The bare repository's folder. */
  repo: string;
  /** Where it is pushed to and fetched from; absent when the local repository is the fleet itself. */
  remote?: string;
}

/**
 * Open the fleet repo at a local path (made when missing) or behind a Git URL (mirrored under the caches, its
 * branch brought up to date). Throws LF3001 when the path holds something else, LF3002 when Git fails.
 */
export async function openFleet(location: string, branch = "main"): Promise<Fleet> {
  const repo = fleetRepository(location);
  await ensureBare(repo, branch);
  if (!isRemote(location)) return { repo };
  const fleet = { repo, remote: location };
  await fetchFleet(fleet, branch);
  return fleet;
}

/** The folder of the bare repository that stands for a location: the path itself, or the mirror of a URL. */
export function fleetRepository(location: string): string {
  if (!isRemote(location)) return resolve(location);
  return cachePath("fleets", `${sha256(location).slice(0, 16)}.git`);
}

/** `https://…`, `ssh://…`, `file://…` and `user@host:path` are remotes; all else is a path. */
export function isRemote(location: string): boolean {
  return /^[a-z][a-z0-9+]*:\/\//i.test(location) || /^[^/\\]+@[^/\\:]+:/.test(location);
}

/** Take over the remote's branch as it is now, also when its history was rewritten. Returns its head. */
export async function fetchFleet(fleet: Fleet, branch = "main"): Promise<string | undefined> {
  if (fleet.remote === undefined) return headOf(fleet.repo, branch);
  const ref = `refs/heads/${branch}`;
  const listed = await git(fleet.repo, ["ls-remote", fleet.remote, ref], { network: true });
  if (listed.stdout.length === 0) {
    await git(fleet.repo, ["update-ref", "-d", ref]);
    return undefined;
  }
  const [head] = listed.stdout.toString("utf8").split("\t");
  // Whoever is the only writer has it already.
  if (head === (await headOf(fleet.repo, branch))) return head;
  await git(fleet.repo, ["fetch", "--quiet", "--no-tags", fleet.remote, `+${ref}:${ref}`], { network: true });
  return headOf(fleet.repo, branch);
}

/** The commit a branch points at, or undefined when it has none yet. */
export async function headOf(repo: string, branch = "main"): Promise<string | undefined> {
  const spec = `refs/heads/${branch}`;
  const { exitCode, stdout } = await git(repo, ["rev-parse", "--verify", "--quiet", spec], { accept: [1] });
  return exitCode === 0 ? stdout.toString("utf8").trim() : undefined;
}

async function ensureBare(repo: string, branch: string): Promise<void> {
  if (existsSync(join(repo, "HEAD")) && existsSync(join(repo, "objects"))) return;
  if (existsSync(repo)) refuseOccupied(repo);
  await makeFolderAtomic(repo, async (aside) => {
    // An empty template: no sample hooks, and none of a template that the user has set.
    await git(aside, ["init", "--quiet", "--bare", `--initial-branch=${branch}`, "--template=", "."]);
  });
}

/** An empty folder is fine (a volume's mount point, say), anything else is not ours to fill. */
function refuseOccupied(repo: string): void {
  const worktree = existsSync(join(repo, ".git"));
  if (!worktree && readdirSync(repo).length === 0) return;
  throw failure("LF3001", {
    what: `${repo} is not a bare Git repository`,
    why: worktree
      ? "it is a checkout with a work tree, which a push from landfall would leave out of date"
      : "the folder has other files in it",
    fix: worktree
      ? `name its remote instead, or make a bare copy: git clone --bare ${repo} ${repo}.git`
      : "name an empty folder, or one that does not exist yet",
  });
}
