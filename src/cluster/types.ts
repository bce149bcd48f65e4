import type { KubernetesObject } from "../schema/object.ts";

/** A kind of object, as its manifests name it. */
export interface Gvk {
  apiVersion: string;
  kind: string;
}

/** An object as the API server returns it. */
export interface LiveObject extends KubernetesObject {
  metadata: KubernetesObject["metadata"] & {
    uid: string;
    resourceVersion: string;
    generation?: number;
    creationTimestamp: string;
    deletionTimestamp?: string;
  };
}

export interface ApplyOptions {
  /** @default "landfall" */
  fieldManager?: string;
  /** Take fields over that another manager owns. @default false */
  force?: boolean;
}

export interface ListOptions {
  /** All namespaces when left out. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export type WatchEvent =
  | { type: "added" | "modified" | "deleted"; object: LiveObject }
  /** All that exists has been told; sent after the first list and after each list that followed a break. */
  | { type: "synced" }
  /** The connection broke; it is tried again by itself. */
  | { type: "broken"; error: unknown };

export interface PatchOptions {
  /** @default "merge" */
  type?: "merge" | "json" | "strategic";
  subresource?: string;
  fieldManager?: string;
}

export interface PodRef {
  namespace: string;
  name: string;
  container?: string;
}

export interface LogOptions {
  /** Lines from the end; everything when left out. */
  tail?: number;
  sinceSeconds?: number;
  /** Of the container's life before the last restart. */
  previous?: boolean;
}
