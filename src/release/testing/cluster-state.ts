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
