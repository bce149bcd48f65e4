import type { KubernetesObject } from "../schema/object.ts";

/** The files of a fleet at one moment. Digests are Git's blob ids, so that two trees compare without being read. */
export interface Tree {
  /** Path → digest of each file. */
  paths(): Iterable<readonly [path: string, digest: string]>;
  /** The texts of these files by path. */
  read(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The objects in a file where they are known without reading it. */
  objects?(path: string): Objects | undefined;
}

/** One field that differs. `from` is absent where it is new, `to` where it goes. */
export interface FieldChange {
  /** `spec.template.spec.containers[cart].image` */
  path: string;
  from?: unknown;
  to?: unknown;
}

/** An object by what names it on a cluster. */
export interface ObjectName {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

/**
 * `create` and `delete` as they say; `change` in place; `replace` when a field cannot be changed in place;
 * `orphan` when nothing declares it any more and it stays on the cluster.
 */
export type ObjectAction = "create" | "change" | "replace" | "delete" | "orphan";

/** What somebody must know before this goes out. `destructive`: data or more than the object itself may be lost. */
export interface Mark {
  level: "destructive" | "warning";
  text: string;
}

export interface ObjectChange {
  action: ObjectAction;
  object: ObjectName;
  /** The name it had, where its name is made of its content. */
  renamedFrom?: string;
  /** Fields, for `change` and `replace`. */
  fields: FieldChange[];
  /** Fields that cannot be changed in place, with where Kubernetes says so. */
  immutable: { field: string; source: string }[];
  marks: Mark[];
}

/** What pods ask for at least and at most. `cpu` in cores, `memory` and `storage` in bytes. */
export interface Cost {
  pods: Range;
  cpu: Range;
  memory: Range;
  storage: Range;
}

/** An autoscaler's least and most; equal without one. */
export interface Range {
  min: number;
  max: number;
}

export type UnitKind = "app" | "part" | "secrets" | "cluster";

/** The same change of one app, part or other bundle on some clusters. */
export interface UnitChange {
  /** The bundle: `app-cart`. */
  bundle: string;
  kind: UnitKind;
  /** The app's or part's name. */
  owner: string;
  action: ObjectAction | "rename";
  /** For `rename`: the owner's name before. */
  from?: string;
  /** Where, sorted. */
  clusters: string[];
  objects: ObjectChange[];
  /** Changes of the bundle's own Kustomization. */
  delivery: FieldChange[];
  /** On all these clusters together. */
  cost: { before: Cost; after: Cost };
  /** Pods that are made anew because their template changes, on all these clusters together. */
  restarts: number;
  marks: Mark[];
}

export interface Summary {
  create: number;
  change: number;
  replace: number;
  delete: number;
  orphan: number;
  rename: number;
  /** Destructive marks. */
  destructive: number;
  clusters: number;
  cost: { before: Cost; after: Cost };
  restarts: number;
}

/** A rename that looks like one but is not declared: without `moved` the app is removed and made anew. */
export interface SuggestedMove {
  from: string;
  to: string;
  /** Share of what is equal but for the name, 0 to 1. */
  likeness: number;
}

export interface Changes {
  units: UnitChange[];
  summary: Summary;
  suggestedMoves: SuggestedMove[];
  /** Apps that reach a changed app by calls, directly or through others; the changed ones are not among them. */
  blastRadius: { app: string; callers: string[] }[];
  /** What changes owners, and so goes out in more than one commit. */
  steps: HandOverStep[];
}

export type Objects = readonly KubernetesObject[];

/** Where a bundle is on its way to another owner; see `hand-over.ts`. */
export type HandOverPhase = "orphan" | "hold" | "drop" | "scale" | "lend" | "adopt" | "rest" | "return";

/** One bundle of one cluster on its way. */
export interface HandOverStep {
  cluster: string;
  bundle: string;
  phase: HandOverPhase;
  /** Who takes its objects over: Kustomizations, or a canary as `canary shop/web`; empty for `scale`. */
  to: string[];
  /** For `scale`: the workloads whose replicas change owners. */
  workloads: ObjectName[];
}
