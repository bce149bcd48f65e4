/**
 * Objects that go from one bundle to another on the same clusters: an app under another name with `moved`, or a raw
 * object that another app brings now. They are neither deleted nor made.
 */
import type { Group } from "./groups.ts";
import { identity } from "./objects.ts";
import type { Objects } from "./types.ts";

/** A group with its objects. */
export interface LoadedGroup extends Group {
  old: Objects;
  now: Objects;
  /** Objects taken over from other bundles, by those bundles' names. */
  takes: Map<string, Objects>;
  /** Objects that another bundle has from now on. */
  gives: Objects;
  /** The bundle whose place it takes as a whole. */
  renames?: Group;
  /** It is gone as a whole into the group that `renames` it. */
  renamed?: boolean;
}

/** Find the moves among groups; a group that moves on some of its clusters only is split. */
export function withMoves(loaded: readonly LoadedGroup[]): LoadedGroup[] {
  const groups = [...loaded];
  const givers = new Map<string, Set<LoadedGroup>>();
  const give = (group: LoadedGroup) => {
    for (const id of missingIn(group.old, group.now))
      givers.set(id, (givers.get(id) ?? new Set()).add(group));
  };
  groups.forEach(give);
  if (givers.size === 0) return groups;
  const take = (id: string, taker: LoadedGroup) => {
    const giver = [...(givers.get(id) ?? [])].find((group) => canGive(group, taker, id));
    if (!giver) return;
    const both = shared(giver, taker);
    for (const rest of [split(giver, both), split(taker, both)]) {
      if (!rest) continue;
      groups.push(rest);
      give(rest);
    }
    move(id, giver, taker);
  };
  // Groups split off on the way are appended, and looked at in their turn.
  for (const taker of groups) for (const id of missingIn(taker.now, taker.old)) take(id, taker);
  for (const taker of groups) nameRename(taker, groups);
  return groups;
}

function canGive(giver: LoadedGroup, taker: LoadedGroup, id: string): boolean {
  if (giver === taker || giver.gives.some((object) => identity(object) === id)) return false;
  return shared(giver, taker).length > 0;
}

function move(id: string, giver: LoadedGroup, taker: LoadedGroup): void {
  const object = giver.old.find((candidate) => identity(candidate) === id);
  if (!object) return;
  giver.gives = [...giver.gives, object];
  taker.takes.set(giver.bundle, [...(taker.takes.get(giver.bundle) ?? []), object]);
}

/** A new bundle that takes most of what a vanished one had is that one under another name. */
function nameRename(taker: LoadedGroup, groups: LoadedGroup[]): void {
  if (taker.before !== undefined) return;
  for (const [bundle, objects] of taker.takes) {
    const giver = groups.find(
      (group) => group.bundle === bundle && group.after === undefined && shared(group, taker).length > 0,
    );
    if (!giver || objects.length * 2 < giver.old.length) continue;
    taker.renames = giver;
    giver.renamed = true;
    return;
  }
}

/** Leave `clusters` in the group and return a new one with the others, if there are any. */
function split(group: LoadedGroup, clusters: string[]): LoadedGroup | undefined {
  const rest = group.clusters.filter((cluster) => !clusters.includes(cluster));
  if (rest.length === 0) return undefined;
  group.clusters = clusters;
  return { ...group, clusters: rest, takes: new Map(group.takes), gives: [...group.gives] };
}

function shared(a: LoadedGroup, b: LoadedGroup): string[] {
  if (a.clusters === b.clusters) return a.clusters;
  const others = new Set(b.clusters);
  return a.clusters.filter((cluster) => others.has(cluster));
}

/** The identities of objects that others do not have. */
export function missingIn(objects: Objects, others: Objects): string[] {
  const there = new Set(others.map(identity));
  return objects.map(identity).filter((id) => !there.has(id));
}
