import type { BundleState, ClusterState, Truth } from "./cluster-state.ts";
import { heldBy } from "./versions.ts";

/** Flux reads what is wanted, applies it, and tells what it did: in steps between which anything may happen. */
export function stepFlux(
  cluster: ClusterState,
  state: BundleState,
  want: string | undefined,
  truth: Truth,
): void {
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
