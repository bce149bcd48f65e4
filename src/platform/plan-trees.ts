import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { emptyTree } from "../changes/trees.ts";
import type { Objects, Tree } from "../changes/types.ts";
import type { Plan } from "../compile/plan.ts";
import { type FleetFile, type FleetTree, fleetTree } from "../emit/flux/index.ts";
import { fleetRepository, headOf, isRemote, openFleet } from "../emit/git/fleet.ts";
import { readBlobs, readTree } from "../emit/git/read.ts";
import { git } from "../emit/git/run.ts";
import { failure } from "../util/errors.ts";
import { blobId } from "../util/hash.ts";
import { fleetLocation } from "./local-cluster.ts";

/** What a plan compares with. */
export interface Base {
  tree: Tree;
  /** The commit; undefined for a folder, and for a fleet that has none yet. */
  commit: string | undefined;
  /** The fleet's repository, where this is its head. */
  repo?: string;
  /** For people: `main at 1a2b3c4d`, a folder, or that there is nothing yet. */
  title: string;
}

/** The tree a declaration gives. */
export function declaredTree(plan: Plan): Tree {
  return treeOf(fleetTree(plan));
}

/** The fleet's files as a tree; texts are made when they are read. */
export function treeOf(files: FleetTree): Tree {
  return {
    *paths() {
      for (const [path, { digest }] of files) yield [path, digest] as const;
    },
    read: async (paths) => new Map(paths.map((path) => [path, files.get(path)?.text ?? ""])),
    objects: (path) => {
      const file: (FleetFile & { objects?: Objects }) | undefined = files.get(path);
      return file?.objects;
    },
  };
}

/** The fleet repo's head, or the commit or folder that is named. Throws LF3008 when there is no such thing. */
export async function baseOf(plan: Plan, named?: string): Promise<Base> {
  if (named !== undefined && isFolder(named)) {
    return { tree: folderTree(named), commit: undefined, title: named };
  }
  const repo = await fleetRepo(plan);
  if (named !== undefined) return namedCommit(repo, named);
  const commit = repo && (await headOf(repo, plan.fleet.branch));
  if (!repo || !commit)
    return { tree: emptyTree, commit: undefined, title: "nothing: the fleet repo is empty" };
  const title = `${plan.fleet.branch} at ${commit.slice(0, 8)}`;
  return { tree: await gitTree(repo, commit), commit, repo, title };
}

/** The local repository of the fleet, brought up to date; undefined when there is none. Planning makes none. */
export async function fleetRepo(plan: Plan): Promise<string | undefined> {
  const location = fleetLocation(plan);
  if (!isRemote(location) && !existsSync(join(fleetRepository(location), "HEAD"))) return undefined;
  return (await openFleet(location, plan.fleet.branch)).repo;
}

async function namedCommit(repo: string | undefined, name: string): Promise<Base> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
  const found = repo ? await git(repo, args, { accept: [1, 128] }) : undefined;
  if (!repo || found?.exitCode !== 0) {
    throw failure("LF3008", {
      what: `${name} is neither a folder nor a commit of the fleet repo`,
      fix: "name a folder that `landfall build --out` wrote, a commit, a branch or a tag",
    });
  }
  const commit = found.stdout.toString("utf8").trim();
  return { tree: await gitTree(repo, commit), commit, title: `${name} (${commit.slice(0, 8)})` };
}

/** A commit's files: listed at once, read when asked for. */
export async function gitTree(repo: string, commit: string): Promise<Tree> {
  const entries = await readTree(repo, commit);
  return {
    *paths() {
      for (const [path, { mode, oid }] of entries) if (mode.startsWith("100")) yield [path, oid] as const;
    },
    read: async (paths) => {
      const blobs = await readBlobs(
        repo,
        paths.flatMap((path) => entries.get(path)?.oid ?? []),
      );
      const text = (path: string) => blobs.get(entries.get(path)?.oid ?? "")?.toString("utf8") ?? "";
      return new Map(paths.map((path) => [path, text(path)]));
    },
  };
}

function folderTree(folder: string): Tree {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith(".landfall"))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, sep).length).split(sep).join("/"))
    .filter((path) => !path.startsWith(".git/"));
  const text = (path: string) => readFileSync(join(folder, path), "utf8");
  return {
    *paths() {
      for (const path of files) yield [path, blobId(text(path))] as const;
    },
    read: async (paths) => new Map(paths.map((path) => [path, text(path)])),
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
