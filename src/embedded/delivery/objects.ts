import type { LiveObject } from "../../cluster/types.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import type { StoredArtifact } from "./store.ts";
import { revisionOfContent } from "./tarball.ts";

export const externalArtifact = { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "ExternalArtifact" };
/** The namespace of Flux and of its sources, unless another is named. */
export const fluxNamespace = "flux-system";
const owner = { "app.kubernetes.io/managed-by": "landfall" };
/** Finds all ExternalArtifacts that landfall publishes. */
export const ownedSelector = "app.kubernetes.io/managed-by=landfall";

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
  lastTransitionTime?: string;
}

export interface ArtifactStatus {
  url: string;
  digest: string;
  revision: string;
  path: string;
  size: number;
  lastUpdateTime: string;
}

/** The revision Flux sees. It names the content alone, so equal content in two commits changes nothing. */
export function revisionOf(stored: StoredArtifact): string {
  return revisionOfContent(stored.content);
}

/** The ExternalArtifact itself; its source is the ConfigMap that says where the fleet repo is. */
export function artifactObject(name: string, namespace: string): KubernetesObject {
  return {
    ...externalArtifact,
    metadata: { name, namespace, labels: owner },
    spec: { sourceRef: { apiVersion: "v1", kind: "ConfigMap", name: "landfall-fleet" } },
  };
}

/** The object that ExternalArtifacts name as their source; for people, Flux does not read it. */
export function fleetObject(cluster: string, namespace: string): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "landfall-fleet", namespace, labels: owner },
    data: { cluster, publishedBy: "landfall, from the fleet repo" },
  };
}

/** The object with the status that offers a stored tarball to Flux. Times are kept when nothing changed. */
export function artifactWithStatus(
  live: LiveObject,
  stored: StoredArtifact,
  baseUrl: string,
  now: string,
): KubernetesObject {
  const condition = readyOf(live);
  const since = condition?.status === "True" ? condition.lastTransitionTime : undefined;
  const revision = revisionOf(stored);
  const artifact: ArtifactStatus = {
    url: `${baseUrl}/${stored.path}`,
    digest: `sha256:${stored.digest}`,
    revision,
    path: stored.path,
    size: stored.size,
    lastUpdateTime: now,
  };
  const ready: Condition = {
    type: "Ready",
    status: "True",
    reason: "Succeeded",
    message: `stored artifact for revision ${revision}`,
    observedGeneration: live.metadata.generation ?? 1,
    lastTransitionTime: since ?? now,
  };
  const { name, namespace = fluxNamespace } = live.metadata;
  const metadata = { name, namespace };
  return { ...externalArtifact, metadata, status: { artifact, conditions: [ready] } };
}

/** Whether an object on the cluster already offers a stored tarball, in every field that Flux reads. */
export function isPublished(live: LiveObject, stored: StoredArtifact, baseUrl: string): boolean {
  const artifact = (live.status as { artifact?: Partial<ArtifactStatus> } | undefined)?.artifact;
  const ready = readyOf(live);
  return (
    artifact?.url === `${baseUrl}/${stored.path}` &&
    artifact.digest === `sha256:${stored.digest}` &&
    artifact.revision === revisionOf(stored) &&
    ready?.status === "True" &&
    ready.observedGeneration === live.metadata.generation
  );
}

function readyOf(live: LiveObject): Condition | undefined {
  const conditions = (live.status as { conditions?: Condition[] } | undefined)?.conditions;
  return conditions?.find((condition) => condition.type === "Ready");
}
