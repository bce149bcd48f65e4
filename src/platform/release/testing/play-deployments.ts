import type { ClusterClient } from "../../../cluster/client.ts";
import type { LiveObject } from "../../../cluster/types.ts";
import { templateOf } from "../observe-template.ts";

const deployments = { apiVersion: "apps/v1", kind: "Deployment" };

/** Plays the Deployment controller and the kubelet where neither runs: what is asked for is there at once. */
export interface DeploymentPlayer {
  /** Templates whose pods never become ready. */
  broken: Set<string>;
  stop(): Promise<void>;
}

export function playDeployments(client: ClusterClient): DeploymentPlayer {
  const broken = new Set<string>();
  const abort = new AbortController();
  const play = async (object: LiveObject) => {
    const status = statusOf(object, broken.has(templateOf(object) ?? ""));
    if (isPlayed(object, status)) return;
    const at = { name: object.metadata.name, namespace: object.metadata.namespace ?? "" };
    await client.patch(deployments, at, { status }, { subresource: "status" }).catch(() => undefined);
  };
  const watching = client.watch(
    deployments,
    {},
    (event) => {
      if (event.type === "added" || event.type === "modified") void play(event.object);
    },
    abort.signal,
  );
  return {
    broken,
    stop: async () => {
      abort.abort();
      await watching;
    },
  };
}

function statusOf({ metadata, spec }: LiveObject, isBroken: boolean) {
  const { replicas = 1 } = spec as { replicas?: number };
  const ready = isBroken ? 0 : replicas;
  return {
    observedGeneration: metadata.generation ?? 1,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: replicas - ready,
    conditions: [
      condition("Available", !isBroken, isBroken ? "MinimumReplicasUnavailable" : "MinimumReplicasAvailable"),
      condition("Progressing", true, isBroken ? "ReplicaSetUpdated" : "NewReplicaSetAvailable"),
    ],
  };
}

function condition(type: string, holds: boolean, reason: string) {
  const now = new Date().toISOString();
  const times = { lastUpdateTime: now, lastTransitionTime: now };
  return { type, status: holds ? "True" : "False", reason, message: reason, ...times };
}

function isPlayed(object: LiveObject, wanted: ReturnType<typeof statusOf>): boolean {
  const {
    observedGeneration = 0,
    availableReplicas = 0,
    updatedReplicas = 0,
  } = (object.status ?? {}) as Partial<typeof wanted>;
  return (
    observedGeneration === wanted.observedGeneration &&
    availableReplicas === wanted.availableReplicas &&
    updatedReplicas === wanted.updatedReplicas
  );
}
