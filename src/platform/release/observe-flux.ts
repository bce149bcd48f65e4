import type { LiveObject } from "../../cluster/types.ts";
import type { BundleSeen } from "../../release/observed.ts";
import { brief } from "./observe-text.ts";

interface KustomizationStatus {
  conditions?: {
    type: string;
    status: string;
    reason?: string;
    message?: string;
    observedGeneration?: number;
  }[];
  lastAppliedRevision?: string;
  lastAttemptedRevision?: string;
}

/**
 * Reasons that are about the revision Flux attempted. Others (a source that is away, a dependency that is not ready,
 * health checks that a newer revision cut off) say nothing of it.
 */
const failing = new Set([
  "BuildFailed",
  "ReconciliationFailed",
  "HealthCheckFailed",
  "PruneFailed",
  "InvalidPath",
]);

/** What Flux says of a bundle, by its Kustomization. Nothing it said of an older form of it counts. */
export function fluxSeen(object: LiveObject | undefined): Omit<BundleSeen, "workloads"> {
  const status = (object?.status ?? {}) as KustomizationStatus;
  const { lastAppliedRevision: applied, lastAttemptedRevision: attempted } = status;
  const condition = status.conditions?.find(({ type }) => type === "Ready");
  const current =
    condition !== undefined &&
    (condition.observedGeneration === undefined ||
      condition.observedGeneration === object?.metadata.generation);
  const failed = current && condition.status === "False" && failing.has(condition.reason ?? "");
  return {
    applied,
    attempted,
    ready: current && condition.status === "True" && applied !== undefined && applied === attempted,
    failure: failed ? brief(`Flux: ${condition.reason}: ${condition.message ?? ""}`) : undefined,
  };
}
