import type { Action } from "../action.ts";
import { clustersOf, lastGood } from "../pairs.ts";
import type { Move, Release } from "../release.ts";
import { type Head, push } from "./fleet.ts";
import { wakeMoved } from "./happen.ts";
import { type BundleKind, contentOf, heldBy } from "./versions.ts";
import { inspect } from "./watch.ts";
import type { World } from "./world.ts";

/** What a release shall move. */
export interface Wanted {
  kind: BundleKind;
  version: number;
  clusters: readonly string[];
}

/** Moves from the last good content of each cluster at this head, as `release start` and `rebase` make them. */
export function movesOf(world: World, head: Head, id: string, wanted: readonly Wanted[]): Move[] {
  const others = head.releases.filter((release) => release.id !== id);
  return wanted.flatMap(({ kind, version, clusters }) => {
    const groups = new Map<number, string[]>();
    for (const cluster of clusters) {
      const pointer = head.pointers[cluster]?.[kind.name] ?? "";
      const from = heldBy(lastGood(others, cluster, kind.name, pointer)?.revision ?? pointer).version;
      groups.set(from, [...(groups.get(from) ?? []), cluster]);
    }
    return [...groups].map(([from, own]) => moveOf(world, id, kind, from, version, own));
  });
}

function moveOf(
  world: World,
  id: string,
  kind: BundleKind,
  from: number,
  to: number,
  clusters: string[],
): Move {
  const at = (folder: string, version: number) => `releases/${id}/${folder}/${kind.name}.${version}.yaml`;
  const settled = { from: `apps/${kind.name}.${from}.yaml`, to: `apps/${kind.name}.${to}.yaml` };
  const move = {
    bundle: kind.name,
    clusters,
    from: contentOf(kind, from, false, at("from", from)),
    to: contentOf(kind, to, false, at("to", to)),
    back: contentOf(kind, from, true, at("back", from)),
    settled,
  };
  for (const { path, revision } of [move.from, move.to, move.back]) world.fleet.files.set(path, revision);
  world.fleet.files.set(settled.from, move.from.revision).set(settled.to, move.to.revision);
  return move;
}

/** Commit a step onto the head it was decided from; false when somebody was faster. */
export function commit(world: World, base: Head, action: Action, by: string): boolean {
  const made = action.kind === "rebase" ? rebased(world, base, action) : action;
  const before = world.fleet.head;
  if (!push(world.fleet, base, made, by)) return false;
  for (const { cluster, bundle } of made.pointers) {
    const [old, now] = [before.pointers, world.fleet.head.pointers].map((all) => all[cluster]?.[bundle]);
    if (old !== now) world.lastMover.set(`${cluster}|${bundle}`, made.release.id);
  }
  inspect(world, before, made);
  wakeMoved(world);
  return true;
}

function rebased(world: World, base: Head, action: Action): Action {
  const { release } = action;
  const wanted = new Map<string, Wanted>();
  for (const { bundle, clusters, to } of release.moves) {
    const kind = world.kinds.find(({ name }) => name === bundle);
    const known = wanted.get(bundle);
    if (kind) {
      wanted.set(bundle, {
        kind,
        version: heldBy(to.revision).version,
        clusters: [...(known?.clusters ?? []), ...clusters],
      });
    }
  }
  return {
    ...action,
    release: { ...release, moves: movesOf(world, base, release.id, [...wanted.values()]) },
  };
}

/** Clusters that a release names, all waiting. */
export function waiting(release: Pick<Release, "waves" | "moves" | "startedAt">): Release["clusters"] {
  const names = clustersOf(release as Release);
  return Object.fromEntries(
    names.map((name) => [name, { state: "waiting" as const, since: release.startedAt }]),
  );
}
