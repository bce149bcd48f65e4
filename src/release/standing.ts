import { waveOf } from "./gates.ts";
import type { Content, Move } from "./move.ts";
import { clustersOf, foreignBundles, movesOf, pointerOf } from "./pairs.ts";
import { answersSince, isLost, missing } from "./proof.ts";
import type { Release } from "./release.ts";
import type { Context, Turn } from "./step.ts";
import { begunAt, elapsed } from "./time.ts";

/** Every bundle that the release moves on the cluster is proven to serve a content. */
export function isProven(
  { release, seen }: Context,
  cluster: string,
  content: (move: Move) => Content,
): boolean {
  const at = seen.clusters[cluster];
  const { since = "" } = release.clusters[cluster] ?? {};
  if (!answersSince(at, since) || foreignBundles(release, seen, cluster).length > 0) return false;
  return movesOf(release, cluster).every(
    (move) =>
      pointerOf(seen, cluster, move.bundle) === content(move).revision &&
      missing(content(move), at.bundles[move.bundle]) === undefined,
  );
}

/**
 * Whatever an earlier release sends back on the cluster is proven there. Flagger takes a way back without looking at it
 * (`skipAnalysis`), and a version that came before it has done so would be taken likewise. This is waited for no longer
 * than a cluster that answers may take: the new version may be what mends it.
 */
export function isBack({ release, seen, now }: Context, cluster: string): boolean {
  // One that was away waits since it answered again: it reads of the way back only then.
  const { since = "" } = release.clusters[cluster] ?? {};
  const waited = Math.min(...[begunAt(release), since].map((from) => elapsed(from, now)));
  if (waited > waveOf(release).timeoutMs) return true;
  return movesOf(release, cluster).every(
    ({ bundle, from, back }) =>
      back.revision === from.revision ||
      pointerOf(seen, cluster, bundle) !== back.revision ||
      missing(back, seen.clusters[cluster]?.bundles[bundle]) === undefined,
  );
}

/** Clusters of the present and earlier waves: only these are told anything, and late ones catch up among them. */
export function begun({ waves, wave }: Release): string[] {
  return waves.slice(0, wave + 1).flatMap(({ clusters }) => clusters);
}

/** What clusters report of going to the new version. */
export function turnsAhead(cx: Context): Turn[] {
  const present = new Set(waveOf(cx.release).clusters);
  return begun(cx.release).flatMap((cluster) => turnAhead(cx, cluster, present.has(cluster)) ?? []);
}

function turnAhead(cx: Context, cluster: string, present: boolean): Turn | undefined {
  const progress = cx.release.clusters[cluster];
  const at = cx.seen.clusters[cluster];
  if (!progress || !at) return undefined;
  const { state, since } = progress;
  if (state === "waiting" || state === "updating" || (state === "updated" && present)) {
    if (isLost(at, since, cx.release.policy.awayAfterMs, cx.now)) {
      return { cluster, state: state === "waiting" ? "skipped" : "away", why: "it does not answer" };
    }
  }
  if (state === "skipped" && at.reachable) return { cluster, state: "waiting", why: "it answers again" };
  if (state !== "updating" && state !== "away") return undefined;
  return isProven(cx, cluster, ({ to }) => to) ? { cluster, state: "updated" } : undefined;
}

/** What clusters report of going back. */
export function turnsBack(cx: Context): Turn[] {
  return (cx.release.returns ?? []).flatMap((cluster) => turnBack(cx, cluster) ?? []);
}

function turnBack(cx: Context, cluster: string): Turn | undefined {
  const { release, seen, now } = cx;
  const progress = release.clusters[cluster];
  if (progress?.state !== "returning" && progress?.state !== "away") return undefined;
  // Somebody may have brought the last good content back by hand.
  const good = ({ bundle, from, back }: Move) =>
    pointerOf(seen, cluster, bundle) === from.revision ? from : back;
  if (isProven(cx, cluster, good)) return { cluster, state: "returned" };
  if (progress.state === "away") return undefined;
  if (isLost(seen.clusters[cluster], progress.since, release.policy.awayAfterMs, now)) {
    return { cluster, state: "away", why: "it does not answer" };
  }
  return undefined;
}

/** Where clusters stand once these turns are taken. */
export function statesAfter(release: Release, turns: readonly Turn[]): Map<string, Turn["state"]> {
  const states = new Map(
    clustersOf(release).map((name) => [name, release.clusters[name]?.state ?? "waiting"]),
  );
  for (const { cluster, state } of turns) states.set(cluster, state);
  return states;
}
