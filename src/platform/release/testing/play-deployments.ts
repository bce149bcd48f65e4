import type { ClusterClient } from "../../../cluster/client.ts";
import type { LiveObject } from "../../../cluster/types.ts";
import { templateOf } from "../observe-template.ts";

const pods = { apiVersion: "v1", kind: "Pod" };
const deployments = { apiVersion: "apps/v1", kind: "Deployment" };

/** Plays the Deployment controller and the kubelet where neither runs: what is asked for is there at once. */
export interface DeploymentPlayer {
  /** Templates whose pods crash again and again. */
  broken: Set<string>;
  stop(): Promise<void>;
}

export function playDeployments(client: ClusterClient): DeploymentPlayer {
  const broken = new Set<string>();
  const abort = new AbortController();
  const play = async (object: LiveObject) => {
    const isBroken = broken.has(templateOf(object) ?? "");
    const status = statusOf(object, isBroken);
    if (isPlayed(object, status)) return;
    await (isBroken
      ? crash(client, object)
      : client.remove(pods, podName(object), object.metadata.namespace));
    const at = { name: object.metadata.name, namespace: object.metadata.namespace ?? "" };
    await client.patch(deployments, at, { status }, { subresource: "status" });
  };
  const watching = client.watch(
    deployments,
    {},
    (event) => {
      if (event.type !== "added" && event.type !== "modified") return;
      play(event.object).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
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

function podName({ metadata }: LiveObject): string {
  return `${metadata.name}-played`;
}

/** One pod of the template that crashes, as the kubelet tells of it. */
async function crash(client: ClusterClient, object: LiveObject): Promise<void> {
  const { template } = object.spec as {
    template: { metadata: object; spec: { containers: { name: string }[] } };
  };
  const at = { name: podName(object), namespace: object.metadata.namespace ?? "" };
  await client.apply({ ...pods, metadata: { ...template.metadata, ...at }, spec: template.spec });
  const waiting = { reason: "CrashLoopBackOff", message: "back-off 40s restarting failed container" };
  const terminated = { reason: "Error", exitCode: 3, finishedAt: new Date().toISOString() };
  const containerStatuses = template.spec.containers.map(({ name }) => ({
    ...{ name, ready: false, restartCount: 4, image: "", imageID: "" },
    ...{ state: { waiting }, lastState: { terminated } },
  }));
  await client.patch(pods, at, { status: { containerStatuses } }, { subresource: "status" });
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
