import type { Random } from "./random.ts";
import { heldBy } from "./versions.ts";

/** A bundle on a cluster, as it really is: what Flux and Flagger do with it, and what serves. */
export interface BundleState {
  bundle: string;
  canary: boolean;
  attempted: string;
  applied: string;
  ready: boolean;
  failure: string | undefined;
  /** The version of the workload itself; a canary's target. */
  target: number;
  /** Flagger skips the analysis of what the target has. */
  skip: boolean;
  /** The version that serves: a canary's primary. */
  primary: number;
  finished: boolean;
  /** Somebody deleted the workload; Flux makes it again. */
  gone: boolean;
  /** Its primary has no ready pods, and Flagger waits for them. */
  broken: boolean;
  /** What Flux cannot do after it has applied everything. */
  blocked: string | undefined;
  /** Why the target does not roll out. */
  stuck: string | undefined;
  phase: string;
  weight: number;
  /** The version that Flagger's phase is about. */
  about: number;
  /** When each version last served with all its pods, in epoch milliseconds. */
  served: Record<number, number>;
}

export interface ClusterState {
  name: string;
  /** It answers those who ask. */
  answers: boolean;
  /** It can read the fleet repo. */
  reads: boolean;
  /** Flux runs. */
  flux: boolean;
  flagger: boolean;
  /** Flux writes what it has applied only once everything is well. */
  waits: boolean;
  /** When it last did not answer. */
  downAt: number;
  bundles: BundleState[];
}

/** How versions and clusters are bad: what a step of the cluster has to know of the world. */
export interface Truth {
  now: number;
  random: Random;
  /** The version never gets ready, or its canary fails. */
  isBad: (cluster: string, bundle: string, version: number) => boolean;
  /** The API server or a webhook refuses it. */
  refuses: (cluster: string, bundle: string, version: number) => string | undefined;
  /** Flux crashes on it, again and again. */
  isPoison: (cluster: string, bundle: string, version: number) => boolean;
  /** Flagger cannot promote it: the primary does not get ready. */
  isUnpromotable: (cluster: string, bundle: string, version: number) => boolean;
}

/** All pods that serve are of this version, and it is what was asked for. */
export function isServing({ finished, gone, primary, target }: BundleState, version: number): boolean {
  return finished && !gone && primary === version && target === version;
}

export function bundleAt(bundle: string, canary: boolean, revision: string, now: number): BundleState {
  const { version } = heldBy(revision);
  return {
    bundle,
    canary,
    attempted: revision,
    applied: revision,
    ready: true,
    failure: undefined,
    target: version,
    skip: false,
    primary: version,
    finished: true,
    gone: false,
    broken: false,
    blocked: undefined,
    stuck: undefined,
    phase: canary ? "Succeeded" : "",
    weight: 0,
    about: version,
    served: { [version]: now },
  };
}

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

function stepFlux(cluster: ClusterState, state: BundleState, want: string | undefined, truth: Truth): void {
  if (!cluster.flux) return;
  if (want !== undefined && want !== state.attempted) {
    state.attempted = want;
    state.failure = undefined;
    // The status of the last content stays for a while, or is taken back at once.
    if (truth.random.oneIn(2)) state.ready = false;
    return;
  }
  if (state.gone) {
    state.gone = false;
    return;
  }
  const { version, skip } = heldBy(state.attempted);
  if (truth.isPoison(cluster.name, state.bundle, version)) return;
  const refusal = truth.refuses(cluster.name, state.bundle, version);
  if (refusal !== undefined && state.target !== version) {
    [state.failure, state.ready] = [refusal, false];
    return;
  }
  if (state.target !== version || state.skip !== skip) {
    apply(state, version, skip);
    return;
  }
  if (state.blocked !== undefined) {
    [state.failure, state.ready] = [state.blocked, false];
    return;
  }
  const sick = cluster.waits ? sickness(state) : undefined;
  if (sick === undefined) Object.assign(state, { applied: state.attempted, ready: true, failure: undefined });
  else if (sick !== "") Object.assign(state, { ready: false, failure: sick });
}

function apply(state: BundleState, version: number, skip: boolean): void {
  if (!state.canary && state.target !== version) [state.finished, state.stuck] = [false, undefined];
  state.target = version;
  state.skip = skip;
}

/** Why the health checks do not pass: empty while there is still hope. */
function sickness(state: BundleState): string | undefined {
  if (state.stuck) return `health check failed: ${state.stuck}`;
  if (state.canary && state.phase === "Failed" && state.about === state.target)
    return "health check failed: canary";
  const done = state.finished && state.primary === state.target;
  return done && (!state.canary || state.phase === "Succeeded" || state.about !== state.target)
    ? undefined
    : "";
}

function stepRollout({ name }: ClusterState, state: BundleState, truth: Truth): void {
  if (state.gone || (state.finished && state.primary === state.target)) return;
  if (truth.isBad(name, state.bundle, state.target)) {
    state.stuck = "ProgressDeadlineExceeded";
    return;
  }
  if (state.primary !== state.target) state.primary = state.target;
  else state.finished = true;
}

function stepFlagger(cluster: ClusterState, state: BundleState, truth: Truth): void {
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
