import type { Pointer } from "./action.ts";
import { goingBack, isTold } from "./going-back.ts";
import type { Move } from "./move.ts";
import { mayStart, takenOverBy } from "./order.ts";
import { clustersOf, lastGood, movesOf, pointerOf, pointersTo } from "./pairs.ts";
import type { Release } from "./release.ts";
import { type Context, type Rule, step } from "./step.ts";
import { freezeOf } from "./time.ts";

/** What some cluster has is not what the release was made from: something else was released or built since. */
function isStale({ release, releases, seen }: Context): boolean {
  const others = releases.filter(({ id }) => id !== release.id);
  return release.moves.some((move) =>
    move.clusters.some((cluster) => {
      const pointer = pointerOf(seen, cluster, move.bundle);
      if (pointer === undefined) return false;
      const good = lastGood(others, cluster, move.bundle, pointer)?.revision ?? pointer;
      return good !== move.from.revision && good !== move.back.revision;
    }),
  );
}

/** A queued release whose turn it is begins; before, its contents are made anew where clusters moved on since. */
export const start: Rule = (cx) => {
  const { release, releases, now } = cx;
  if (!mayStart(release, releases) || freezeOf(release, now)) return undefined;
  if (isStale(cx)) return step("rebase", release, now, { why: "clusters have moved on since it was made" });
  return step("start", release, now, { set: { phase: "running" }, pointers: leftovers(cx) });
};

/** What an earlier release left on a cluster without proof goes back to the last good content first. */
function leftovers({ release, seen }: Context): Pointer[] {
  return release.moves.flatMap(({ bundle, clusters, from, back }) =>
    clusters.flatMap((cluster) => {
      const pointer = pointerOf(seen, cluster, bundle);
      const good = pointer === undefined || pointer === from.revision || pointer === back.revision;
      return good ? [] : [{ cluster, bundle, path: back.path }];
    }),
  );
}

/** The pairs of `move` that the other release does not move. */
function left(move: Move, other: Release): Move[] {
  const clusters = move.clusters.filter(
    (cluster) => !movesOf(other, cluster).some(({ bundle }) => bundle === move.bundle),
  );
  return clusters.length > 0 ? [{ ...move, clusters }] : [];
}

/**
 * A hotfix takes over. What both move and this release has proven stays for it to start from, what is not proven goes
 * to the last good content at once. What the hotfix does not move goes back, and stays this release's until it is back.
 */
export const supersede: Rule = ({ release, releases, seen, now }) => {
  const by = takenOverBy(release, releases);
  if (!by) return undefined;
  const why = `${by.id} takes over`;
  const moves = release.moves.flatMap((move) => left(move, by));
  const rest = { ...release, moves };
  const returns = clustersOf(rest).filter(
    (cluster) => isTold(release, cluster) || isReturning(release, cluster),
  );
  const unproven = clustersOf(release).filter(
    (cluster) =>
      returns.includes(cluster) ||
      release.returns?.includes(cluster) ||
      ["updating", "away"].includes(stateOf(release, cluster)),
  );
  const pointers = pointersTo(release, seen, unproven, ({ back }) => back.path).filter(
    ({ cluster, bundle }) =>
      !isKept(release, cluster) ||
      moves.some((move) => move.bundle === bundle && move.clusters.includes(cluster)),
  );
  if (returns.length === 0) return step("supersede", release, now, { set: ended, pointers, why });
  const turns = returns.map((cluster) => ({ cluster, state: "returning" as const }));
  return step("supersede", release, now, {
    set: { ...goingBack("superseded", returns), moves },
    turns,
    pointers,
    why,
  });
};

const ended = { phase: "superseded" as const, pausedFor: undefined, becomes: undefined, returns: undefined };

function stateOf(release: Release, cluster: string): string {
  return release.clusters[cluster]?.state ?? "waiting";
}

function isReturning(release: Release, cluster: string): boolean {
  return stateOf(release, cluster) === "returning";
}

/** Proven at the new version, and not on its way back: the hotfix starts from it. */
function isKept(release: Release, cluster: string): boolean {
  return stateOf(release, cluster) === "updated" && !release.returns?.includes(cluster);
}
