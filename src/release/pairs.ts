import type { Pointer } from "./action.ts";
import type { Content, Move } from "./move.ts";
import type { Observed } from "./observed.ts";
import type { Release } from "./release.ts";
import { begunAt } from "./time.ts";

/** What a release moves, one bundle on one cluster each, and what a pair's pointers may be. */
const indexes = new WeakMap<readonly Move[], Map<string, Move[]>>();
const none: readonly Move[] = [];

/** The moves of one cluster. Indexed once for each list of moves, which steps hand on as it is. */
export function movesOf({ moves }: Release, cluster: string): readonly Move[] {
  let index = indexes.get(moves);
  if (!index) {
    index = new Map();
    for (const move of moves) {
      for (const name of move.clusters) {
        const own = index.get(name);
        if (own) own.push(move);
        else index.set(name, [move]);
      }
    }
    indexes.set(moves, index);
  }
  return index.get(cluster) ?? none;
}

/** Every cluster that the release moves, in the order of its waves. */
export function clustersOf(release: Release): string[] {
  return release.waves
    .flatMap((wave) => wave.clusters)
    .filter((cluster) => movesOf(release, cluster).length > 0);
}

/** The revision that the fleet's head points the cluster's bundle at. */
export function pointerOf(seen: Observed, cluster: string, bundle: string): string | undefined {
  return seen.pointers[cluster]?.[bundle];
}

const told: ReadonlySet<string> = new Set(["updating", "updated", "away"]);

/**
 * Somebody pointed the bundle at other content than this release told the cluster to read. It is told and never
 * overwritten. On the way back all of its own contents count as its own.
 */
function isForeign({ phase, clusters }: Release, seen: Observed, cluster: string, move: Move): boolean {
  const { from, to, back } = move;
  const pointer = pointerOf(seen, cluster, move.bundle);
  const old = pointer === from.revision || pointer === back.revision;
  if (phase === "returning") return !old && pointer !== to.revision;
  return told.has(clusters[cluster]?.state ?? "") ? pointer !== to.revision : !old;
}

/** Bundles of the cluster that somebody pointed elsewhere. */
export function foreignBundles(release: Release, seen: Observed, cluster: string): string[] {
  return movesOf(release, cluster)
    .filter((move) => isForeign(release, seen, cluster, move))
    .map(({ bundle }) => bundle);
}

/** Pointers of a cluster's bundles, without those that somebody changed. */
export function pointersTo(
  release: Release,
  seen: Observed,
  clusters: readonly string[],
  path: (move: Move) => string,
): Pointer[] {
  return clusters.flatMap((cluster) =>
    movesOf(release, cluster)
      .filter((move) => !isForeign(release, seen, cluster, move))
      .map((move) => ({ cluster, bundle: move.bundle, path: path(move) })),
  );
}

/** The cluster was told to go to the new version, or may be there, and was not told back since. */
export function isAhead(release: Release, seen: Observed, cluster: string): boolean {
  return movesOf(release, cluster).some(
    ({ bundle, to, from }) =>
      to.revision !== from.revision && pointerOf(seen, cluster, bundle) === to.revision,
  );
}

/**
 * The last good content of a bundle on a cluster that the head points at `revision`: the content itself, or undefined
 * for that, unless a release that is not through yet, or did not get through, put it there and never proved it there.
 * Then it is that release's `from`. This is how a release that takes over learns what it starts from, and what a
 * queued one is compared with before it starts.
 */
export function lastGood(
  releases: readonly Release[],
  cluster: string,
  bundle: string,
  revision: string,
): Content | undefined {
  const newestFirst = releases
    .filter((release) => begunAt(release) && movesOf(release, cluster).some((move) => move.bundle === bundle))
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  for (const release of newestFirst) {
    const move = movesOf(release, cluster).find((own) => own.bundle === bundle);
    if (!move || (release.settled && release.phase !== "succeeded")) continue;
    if (revision === move.to.revision) return wasProven(release, cluster, move) ? undefined : move.from;
    if (revision === move.back.revision) return move.from;
  }
  return undefined;
}

/**
 * The release's new version is good on this cluster: proven there, or the release succeeded without the cluster and
 * another one proved it.
 */
function wasProven({ phase, clusters, returns }: Release, cluster: string, move: Move): boolean {
  const isUpdated = (name: string) => clusters[name]?.state === "updated";
  if (phase === "succeeded") return move.clusters.some(isUpdated);
  return isUpdated(cluster) && !returns?.includes(cluster);
}
