/** What is known of the world at one moment. Everything in it says which revision it is about. */
export interface Observed {
  /** A cluster that was not looked at is absent: nothing is concluded of it. */
  clusters: Readonly<Record<string, ClusterSeen>>;
  /**
   * By cluster and bundle, the revision of the content that the fleet's head has the cluster read (of the same commit
   * that the releases were read from): whether somebody changed it by hand is told by content, since a path may hold
   * another one later. Needed for all clusters of releases that are not over.
   */
  pointers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  gates: readonly GateSeen[];
}

export interface ClusterSeen {
  /** False when it did not answer; `bundles` is empty then. */
  reachable: boolean;
  /**
   * When it said what stands here, in epoch milliseconds by the observer's clock; unless it is reachable, when it
   * answered last, and undefined when it never did. What was said before a cluster was told to move proves nothing.
   */
  answeredAt: number | undefined;
  bundles: Readonly<Record<string, BundleSeen>>;
}

export interface BundleSeen {
  /** The revision Flux applied last, and the one it tried last. */
  applied: string | undefined;
  attempted: string | undefined;
  /** Flux is ready with the applied revision: its objects are there and well. */
  ready: boolean;
  /** Why Flux fails with the attempted revision, when it does. */
  failure: string | undefined;
  workloads: readonly WorkloadSeen[];
}

export interface WorkloadSeen {
  kind: string;
  namespace: string;
  name: string;
  /** `landfall.dev/template` of the pods that serve: a canary's primary, else the workload's own. */
  template: string | undefined;
  /**
   * The one that was asked for last: of the workload itself, also under a canary. `failure`, `canary` and `lines` are
   * about it. Flux names a revision as attempted before it applies it, so that alone does not tell.
   */
  asked: string | undefined;
  /** The controller has seen this template, and all pods are of it and ready. */
  finished: boolean;
  /** Why it will not finish, when that is known. */
  failure: string | undefined;
  /** What explains a failure: conditions, Flagger's and the new pods' events, newest first; a dozen at most. */
  lines: readonly string[];
  canary: CanarySeen | undefined;
}

/** Flagger's word about the template that the target Deployment has now; an older word is left out by the observer. */
export interface CanarySeen {
  phase: string;
  /** Percent of traffic at the new version. */
  weight: number;
  failedChecks: number;
}

/**
 * The answer to a question that the engine asked for. Queries are answered once for each cluster that they were asked
 * of: a cluster without an answer counts as `waits`.
 */
export interface GateSeen {
  release: string;
  wave: number;
  gate: string;
  /** The release's step when it was asked: an answer to an older question counts for nothing. */
  step: number;
  /** `waits` also stands for no data: silence never counts as success. */
  result: "holds" | "waits" | "fails";
  cluster: string | undefined;
  query: string | undefined;
  value: string | undefined;
  limit: string | undefined;
}
