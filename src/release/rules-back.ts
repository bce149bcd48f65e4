import { clustersOf, foreignBundles, movesOf, pointerOf, pointersTo } from "./pairs.ts";
import { turnsBack } from "./standing.ts";
import { type Context, type Rule, type State, step, type Turn } from "./step.ts";

/** States of a way back. One in any other was not told yet, also where somebody put its pointer back by hand. */
const told: ReadonlySet<State> = new Set(["returning", "returned", "away"]);

/** The cluster has not been told to go back, or something of it still points at the new version. */
function needsTelling({ release, seen }: Context, cluster: string): boolean {
  const state = release.clusters[cluster]?.state ?? "waiting";
  if (!told.has(state)) return true;
  return movesOf(release, cluster).some(
    ({ bundle, to, back }) =>
      to.revision !== back.revision && pointerOf(seen, cluster, bundle) === to.revision,
  );
}

/** All clusters that go back are told at once: the last good version needs no wave. */
export const goBack: Rule = (cx) => {
  const { release, seen, now } = cx;
  const clusters = (release.returns ?? []).filter((cluster) => needsTelling(cx, cluster));
  if (clusters.length === 0) return undefined;
  const turns: Turn[] = clusters.map((cluster) => ({ cluster, state: "returning" }));
  return step("return", release, now, {
    turns,
    pointers: pointersTo(release, seen, clusters, ({ back }) => back.path),
  });
};

export const proveBack: Rule = (cx) => {
  const turns = turnsBack(cx);
  return turns.length > 0 ? step("prove", cx.release, cx.now, { turns }) : undefined;
};

/**
 * Every cluster that goes back is proven there, or away: that one gets it from Git. Contents settle where the whole
 * release is at the last good version again; where some clusters keep the new one, they stay where they are.
 */
export const finishBack: Rule = ({ release, seen, now }) => {
  const { becomes = "rolledBack", returns = [] } = release;
  const isBack = (cluster: string) =>
    ["returned", "away"].includes(release.clusters[cluster]?.state ?? "") ||
    foreignBundles(release, seen, cluster).length > 0;
  if (!returns.every(isBack)) return undefined;
  const all = clustersOf(release);
  const whole =
    becomes !== "superseded" &&
    all.every(
      (cluster) =>
        returns.includes(cluster) || ["waiting", "skipped"].includes(release.clusters[cluster]?.state ?? ""),
    );
  const set = { phase: becomes, becomes: undefined, settled: whole };
  if (!whole) return step("finish", release, now, { set });
  const pointers = pointersTo(release, seen, all, ({ settled }) => settled.from);
  return step("finish", release, now, { set, pointers, settle: "from" });
};
