import { type ClusterState, isServing, type Truth } from "./cluster-state.ts";
import { stepFlagger, stepRollout } from "./flagger.ts";
import { stepFlux } from "./flux.ts";
import { heldBy } from "./versions.ts";

/** One thing happens on the cluster: Flux, Flagger or the workload's controller does its next bit, or nothing. */
export function stepCluster(
  cluster: ClusterState,
  wanted: Readonly<Record<string, string>>,
  truth: Truth,
): void {
  const state = truth.random.pick(cluster.bundles);
  if (!state) return;
  const want = wanted[state.bundle];
  const who = truth.random.below(3);
  if (who === 0) stepFlux(cluster, state, cluster.reads ? want : undefined, truth);
  else if (state.canary) stepFlagger(cluster, state, truth);
  else stepRollout(cluster, state, truth);
  if (isServing(state, state.target)) state.served[state.primary] = truth.now;
}

/** Nothing more happens by itself: everything wanted is there, or has failed for good. */
export function isAtRest(
  { bundles, waits }: ClusterState,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return bundles.every((state) => {
    const { version, skip } = heldBy(wanted[state.bundle] ?? "");
    if (state.attempted !== wanted[state.bundle] || state.target !== version || state.skip !== skip)
      return false;
    if (state.stuck !== undefined || (state.phase === "Failed" && state.about === state.target))
      return waits || state.ready;
    const well = isServing(state, version) && state.applied === state.attempted && state.ready;
    return well && (!state.canary || ["Succeeded", "Failed"].includes(state.phase));
  });
}
