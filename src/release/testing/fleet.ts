import type { Action } from "../action.ts";
import type { Release } from "../release.ts";

/** What one commit of the fleet repo holds. */
export interface Head {
  commit: number;
  releases: readonly Release[];
  /** Revision by cluster and bundle. */
  pointers: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** One pushed commit: what it did, and the head it left. */
export interface Commit {
  head: Head;
  action: Action | undefined;
  by: string;
}

/** A fleet repo whose pushes are taken only onto the head they were made from. */
export interface Fleet {
  head: Head;
  /** The branch as it is: rewriting history takes commits away. */
  branch: Commit[];
  commits: number;
  /** Path of each content to its revision. */
  files: Map<string, string>;
  /** The mutant that shows what the lock is for. */
  unlocked: boolean;
}

export function emptyFleet(): Fleet {
  const head = { commit: 0, releases: [], pointers: {} };
  return { head, branch: [], commits: 0, files: new Map(), unlocked: false };
}

/** The fleet after a change of pointers, told by revision; clusters that do not change are shared with the head before. */
function pointed(
  head: Head,
  changes: readonly { cluster: string; bundle: string; revision: string }[],
): Head["pointers"] {
  const pointers: Record<string, Readonly<Record<string, string>>> = { ...head.pointers };
  for (const { cluster, bundle, revision } of changes) {
    pointers[cluster] = { ...pointers[cluster], [bundle]: revision };
  }
  return pointers;
}

/** Push a step onto `base`. False when somebody was faster. */
export function push(fleet: Fleet, base: Head, action: Action, by: string): boolean {
  if (base.commit !== fleet.head.commit && !fleet.unlocked) return false;
  const { release, pointers } = action;
  const changes = pointers.map(({ cluster, bundle, path }) => ({
    cluster,
    bundle,
    revision: fleet.files.get(path) ?? path,
  }));
  const others = fleet.head.releases.some(({ id }) => id === release.id)
    ? fleet.head.releases.map((own) => (own.id === release.id ? release : own))
    : [...fleet.head.releases, release];
  const all = changes.length > 0 ? pointed(fleet.head, changes) : fleet.head.pointers;
  land(fleet, { commit: 0, releases: others, pointers: all }, action, by);
  return true;
}

/** Somebody commits pointers by hand. */
export function pushByHand(
  fleet: Fleet,
  changes: readonly { cluster: string; bundle: string; revision: string }[],
): void {
  land(fleet, { ...fleet.head, pointers: pointed(fleet.head, changes) }, undefined, "hand");
}

/** Somebody pushes with force: the last `n` commits are gone, and the head is one that nobody has read. */
export function rewrite(fleet: Fleet, n: number): void {
  const kept = fleet.branch.slice(0, Math.max(1, fleet.branch.length - n));
  const last = kept.at(-1);
  if (!last || kept.length === fleet.branch.length) return;
  fleet.branch = kept;
  land(fleet, last.head, undefined, "force");
}

function land(fleet: Fleet, head: Head, action: Action | undefined, by: string): void {
  fleet.commits += 1;
  fleet.head = { ...head, commit: fleet.commits };
  fleet.branch.push({ head: fleet.head, action, by });
}
