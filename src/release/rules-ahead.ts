import { clusterFailures, gateFailures, reasonOf } from "./failures.ts";
import { holds, waveOf } from "./gates.ts";
import { failing, goingBack, nothingMoved } from "./going-back.ts";
import { heldBy } from "./order.ts";
import { clustersOf, foreignBundles, pointersTo } from "./pairs.ts";
import type { Release } from "./release.ts";
import { begun, isBack, isProven, statesAfter, turnsAhead } from "./standing.ts";
import { type Context, type Rule, step, type Turn } from "./step.ts";
import { freezeOf, lastStepAt } from "./time.ts";

/** A cluster or a gate failed: nothing is told to move any more, and by policy what moved goes back. */
export const halt: Rule = (cx) => {
  const { release, now } = cx;
  const clusters = clusterFailures(cx);
  const evidence = clusters.length > 0 ? clusters : gateFailures(cx);
  if (evidence.length === 0) return undefined;
  const reason = reasonOf(evidence);
  const failed = evidence.flatMap(({ cluster }) => cluster ?? []);
  const told = { evidence, reason };
  if (release.policy.onFailure !== "none") {
    const set = { ...goingBack("rolledBack", failing(release, failed)), ...told };
    return step("halt", release, now, { set, why: reason });
  }
  const settle = nothingMoved(release) ? "from" : undefined;
  const set = {
    ...told,
    phase: "halted" as const,
    pausedFor: undefined,
    provenAt: undefined,
    settled: settle === "from",
  };
  const pointers = settle
    ? pointersTo(release, cx.seen, clustersOf(release), ({ settled }) => settled.from)
    : [];
  return step("halt", release, now, { set, pointers, settle, why: reason });
};

const open = new Set(["waiting", "updating"]);

/** What clusters report is written down; once none of the waves so far is open, the gates begin to count. */
export const prove: Rule = (cx) => {
  const { release, now } = cx;
  const turns = turnsAhead(cx);
  const states = statesAfter(release, turns);
  const done = begun(release).every((cluster) => !open.has(states.get(cluster) ?? ""));
  if (turns.length === 0 && done === (release.provenAt !== undefined)) return undefined;
  const action = step("prove", release, now, { turns, set: done ? {} : { provenAt: undefined } });
  if (!done || release.provenAt !== undefined) return action;
  return { ...action, release: { ...action.release, provenAt: lastStepAt(action.release) } };
};

/** Clusters of the present wave that nobody can reach. A wave without any other is not proven by anything. */
function tooManyAway(release: Release): number | undefined {
  const { clusters, maxUnavailable } = waveOf(release);
  const away = clusters.filter((cluster) =>
    ["away", "skipped"].includes(release.clusters[cluster]?.state ?? ""),
  ).length;
  if (away <= (release.without ?? 0)) return undefined;
  return away > maxUnavailable || away === clusters.length ? away : undefined;
}

function foreign({ release, seen }: Context): string | undefined {
  for (const cluster of clustersOf(release)) {
    const [bundle] = foreignBundles(release, seen, cluster);
    if (bundle !== undefined)
      return `${bundle} on ${cluster} points at other content than this release told it`;
  }
  return undefined;
}

/** Too many clusters are away, or somebody changed what clusters read: a person has to look. */
export const pause: Rule = (cx) => {
  const { release, now } = cx;
  const byHand = foreign(cx);
  const away = tooManyAway(release);
  if (byHand === undefined && away === undefined) return undefined;
  const why =
    byHand ??
    `${away} of ${waveOf(release).clusters.length} clusters of wave ${waveOf(release).name} do not answer`;
  const set = { phase: "paused" as const, pausedFor: byHand ? ("pointer" as const) : ("away" as const) };
  return step("pause", release, now, { set, why });
};

/** What it waited for is over. A person's pause ends by a person alone. */
export const resume: Rule = (cx) => {
  const { release, now } = cx;
  if (release.pausedFor === "person" || foreign(cx) !== undefined) return undefined;
  if (release.pausedFor === "away" && tooManyAway(release) !== undefined) return undefined;
  return step("resume", release, now, { set: { phase: "running", pausedFor: undefined } });
};

/** Tell clusters to move, in the order of the wave and late ones first, as many at once as the wave allows. */
export const advance: Rule = (cx) => {
  const { release, releases, seen, now } = cx;
  if (heldBy(release, releases)) return undefined;
  const clusters = begun(release);
  const moving = clusters.filter((cluster) => release.clusters[cluster]?.state === "updating").length;
  const ready = clusters.filter(
    (cluster) =>
      release.clusters[cluster]?.state === "waiting" &&
      seen.clusters[cluster]?.reachable === true &&
      isBack(cx, cluster) &&
      freezeOf(release, now, cluster) === undefined,
  );
  const next = ready.slice(0, Math.max(0, waveOf(release).concurrency - moving));
  if (next.length === 0) return undefined;
  const turns: Turn[] = next.map((cluster) => ({ cluster, state: "updating" }));
  const pointers = pointersTo(release, seen, next, ({ to }) => to.path);
  return step("advance", release, now, { set: { provenAt: undefined }, turns, pointers });
};

/** Every cluster of the wave is proven and still is at this moment, and every gate holds. */
function wavePassed(cx: Context): boolean {
  const { release, seen, now } = cx;
  if (release.provenAt === undefined) return false;
  const { clusters, gates } = waveOf(release);
  const updated = clusters.filter((cluster) => release.clusters[cluster]?.state === "updated");
  return (
    updated.every((cluster) => isProven(cx, cluster, ({ to }) => to)) &&
    gates.every((gate) => holds(release, gate, seen, now))
  );
}

/** The next wave, or after the last one the end. What would move by it waits while releases are frozen or held. */
export const pass: Rule = (cx) => {
  const { release, releases, seen, now } = cx;
  if (!wavePassed(cx)) return undefined;
  const last = release.wave === release.waves.length - 1;
  const clusters = clustersOf(release);
  const late = clusters.filter((cluster) => release.clusters[cluster]?.state === "skipped");
  const moved = last ? late : (release.waves[release.wave + 1]?.clusters ?? []);
  const kept =
    heldBy(release, releases) !== undefined || moved.some((cluster) => freezeOf(release, now, cluster));
  if (moved.length > 0 && kept) return undefined;
  if (!last) {
    const set = { wave: release.wave + 1, provenAt: undefined, without: undefined };
    return step("pass", release, now, { set, why: `the gates of wave ${waveOf(release).name} hold` });
  }
  const pointers = pointersTo(release, seen, clusters, ({ settled }) => settled.to);
  const set = { phase: "succeeded" as const, without: undefined, settled: true };
  return step("finish", release, now, { set, pointers, settle: "to" });
};
