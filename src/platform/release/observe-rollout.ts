import type { LiveObject } from "../../cluster/types.ts";

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastUpdateTime?: string;
  lastTransitionTime?: string;
}

interface Status {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  currentRevision?: string;
  updateRevision?: string;
  desiredNumberScheduled?: number;
  updatedNumberScheduled?: number;
  numberAvailable?: number;
  conditions?: Condition[];
}

/**
 * Whether a workload's controller has seen its present form, and all of its pods are of it and ready. Nothing else in
 * a status is worth anything while its `observedGeneration` is behind.
 */
export function rolledOut(object: LiveObject): boolean {
  const status = (object.status ?? {}) as Status;
  if ((status.observedGeneration ?? 0) < (object.metadata.generation ?? 0)) return false;
  if (object.kind === "DaemonSet") {
    const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
    return updatedNumberScheduled === wanted && numberAvailable === wanted;
  }
  const wanted = (object.spec as { replicas?: number }).replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  if (object.kind === "StatefulSet") {
    // `updatedReplicas` is left out once every pod is of the present revision.
    const one = status.updateRevision === status.currentRevision;
    return (one || updatedReplicas === wanted) && replicas === wanted && readyReplicas === wanted;
  }
  return updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted;
}

/** Why a Deployment's rollout will not finish, if its controller has said so since `since` (epoch milliseconds). */
export function deadlineExceeded(object: LiveObject, since: number): string | undefined {
  const status = (object.status ?? {}) as Status;
  const condition = status.conditions?.find(({ reason }) => reason === "ProgressDeadlineExceeded");
  // It stays from an older rollout until the first pod of the present one is there.
  if (condition?.status !== "False" || saidAt(condition) <= since) return undefined;
  return `${object.kind} ${object.metadata.name}: no progress within ${deadlineOf(object)} s (${progress(status, object)})`;
}

function saidAt({ lastUpdateTime, lastTransitionTime }: Condition): number {
  return Date.parse(lastUpdateTime ?? lastTransitionTime ?? "");
}

function deadlineOf(object: LiveObject): number {
  return (object.spec as { progressDeadlineSeconds?: number }).progressDeadlineSeconds ?? 600;
}

function progress({ updatedReplicas = 0, availableReplicas = 0 }: Status, object: LiveObject): string {
  const wanted = (object.spec as { replicas?: number }).replicas ?? 1;
  return `${updatedReplicas} of ${wanted} pods updated, ${availableReplicas} available`;
}
