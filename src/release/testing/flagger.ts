import type { BundleState, ClusterState, Truth } from "./cluster-state.ts";

/** A workload without a canary rolls out. */
export function stepRollout({ name }: ClusterState, state: BundleState, truth: Truth): void {
  if (state.gone || (state.finished && state.primary === state.target)) return;
  if (truth.isBad(name, state.bundle, state.target)) {
    state.stuck = "ProgressDeadlineExceeded";
    return;
  }
  if (state.primary !== state.target) state.primary = state.target;
  else state.finished = true;
}

/** Flagger judges and promotes what the target has. */
export function stepFlagger(cluster: ClusterState, state: BundleState, truth: Truth): void {
  if (!cluster.flagger || state.gone || state.broken) return;
  const { name } = cluster;
  if (state.target !== state.about && state.target !== state.primary) {
    // A new template: judged, or with the analysis skipped taken over at once.
    Object.assign(state, {
      about: state.target,
      phase: state.skip ? "Promoting" : "Progressing",
      weight: 10,
      stuck: undefined,
    });
    return;
  }
  flaggerSteps[state.phase]?.(state, name, truth);
  // A primary that lost its pods gets them back.
  const lost = !["Progressing", "Promoting", "Finalising"].includes(state.phase) && !state.finished;
  if (lost && !truth.isUnpromotable(name, state.bundle, state.primary)) state.finished = true;
}

const flaggerSteps: Record<string, (state: BundleState, cluster: string, truth: Truth) => void> = {
  Progressing: (state, cluster, truth) => {
    if (truth.isBad(cluster, state.bundle, state.target))
      Object.assign(state, { phase: "Failed", weight: 0 });
    else if (state.weight < 50) state.weight += 20;
    else state.phase = "Promoting";
  },
  Promoting: (state, cluster, truth) => {
    const { target, primary, bundle } = state;
    if (primary !== target) Object.assign(state, { primary: target, finished: false });
    else if (truth.isUnpromotable(cluster, bundle, target))
      Object.assign(state, { phase: "Failed", weight: 0, about: target });
    else Object.assign(state, { finished: true, phase: "Finalising" });
  },
  Finalising: (state) => {
    Object.assign(state, { phase: "Succeeded", weight: 0, about: state.primary });
  },
};
