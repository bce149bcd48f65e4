import type { ClusterClient } from "../cluster/client.ts";
import type { LiveObject } from "../cluster/types.ts";
import type { ClusterPlan } from "../compile/plan.ts";

/** One bundle as the cluster reports it. */
export interface BundleHealth {
  name: string;
  kind: "app" | "part" | "secrets" | "root";
  owner: string;
  ready: boolean;
  /** Why it is not ready, in one line. */
  reason: string | undefined;
  /** The content that was applied: `latest@sha256:…`. */
  revision: string | undefined;
}

/** The pods of one app or part. */
export interface PodsHealth {
  owner: string;
  namespace: string;
  wanted: number;
  ready: number;
  restarts: number;
  image: string | undefined;
  /** Why the first pod that is not ready is not, in one line. */
  reason: string | undefined;
  /** That pod's name. */
  waiting: string | undefined;
}

const kustomization = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
}

/** What Flux says of every bundle of the plan; one that it does not know yet is not ready. */
export async function bundleHealth(client: ClusterClient, plan: ClusterPlan): Promise<BundleHealth[]> {
  const live = await client.list(kustomization, { namespace: plan.deliveryNamespace });
  const byName = new Map(live.map((object) => [object.metadata.name, object]));
  const wanted = plan.bundles.filter(
    ({ objects, files }) => objects.length > 0 || Object.keys(files).length > 0,
  );
  const root = { name: "cluster", kind: "root" as const, owner: plan.name };
  return [root, ...wanted].map(({ name, kind, owner }) => ({
    name,
    kind,
    owner,
    ...readiness(byName.get(name)),
  }));
}

function readiness(object: LiveObject | undefined): Pick<BundleHealth, "ready" | "reason" | "revision"> {
  if (!object) return { ready: false, reason: "not applied yet", revision: undefined };
  const status = (object.status ?? {}) as {
    conditions?: Condition[];
    lastAppliedRevision?: string;
    lastAttemptedRevision?: string;
  };
  const condition = status.conditions?.find(({ type }) => type === "Ready");
  const current =
    condition?.observedGeneration === undefined ||
    condition.observedGeneration === object.metadata.generation;
  const ready = condition?.status === "True" && current;
  return {
    ready,
    reason: ready ? undefined : firstLine(condition?.message ?? "waiting"),
    revision: status.lastAppliedRevision,
  };
}

function firstLine(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length > 160 ? `${line.slice(0, 157)}…` : line;
}

interface PodStatus {
  phase?: string;
  conditions?: Condition[];
  containerStatuses?: {
    ready: boolean;
    restartCount: number;
    state?: { waiting?: { reason?: string; message?: string }; terminated?: { reason?: string } };
  }[];
}

/** The pods of everything landfall owns, by the kit's constant labels. */
export async function podsHealth(client: ClusterClient): Promise<PodsHealth[]> {
  const [apps, parts] = await Promise.all(
    ["landfall.dev/app", "landfall.dev/part"].map(async (label) =>
      Object.entries(
        Object.groupBy(
          await client.list({ apiVersion: "v1", kind: "Pod" }, { labelSelector: label }),
          (pod) => ownerOf(pod, label),
        ),
      ),
    ),
  );
  return [...(apps ?? []), ...(parts ?? [])].map(([owner, pods = []]) =>
    summarize(owner, pods.filter(counts)),
  );
}

function ownerOf(pod: LiveObject, label: string): string {
  return pod.metadata.labels?.[label] ?? "";
}

/** Pods that are ending or have ended say nothing about the health of what replaced them. */
function counts(pod: LiveObject): boolean {
  const { phase } = pod.status as PodStatus;
  return pod.metadata.deletionTimestamp === undefined && phase !== "Succeeded" && phase !== "Failed";
}

function summarize(owner: string, pods: LiveObject[]): PodsHealth {
  const statuses = pods.map((pod) => pod.status as PodStatus);
  const isReady = (status: PodStatus) =>
    status.conditions?.some(({ type, status: s }) => type === "Ready" && s === "True") ?? false;
  const waiting = pods.find((pod) => !isReady(pod.status as PodStatus));
  const spec = pods[0]?.spec as { containers?: { image?: string }[] } | undefined;
  return {
    owner,
    namespace: pods[0]?.metadata.namespace ?? "",
    wanted: pods.length,
    ready: statuses.filter(isReady).length,
    restarts: statuses.flatMap((s) => s.containerStatuses ?? []).reduce((sum, c) => sum + c.restartCount, 0),
    image: spec?.containers?.[0]?.image,
    reason: waiting && whyWaiting(waiting.status as PodStatus),
    waiting: waiting?.metadata.name,
  };
}

function whyWaiting({ containerStatuses = [], conditions = [], phase }: PodStatus): string {
  const container = containerStatuses.find(({ ready }) => !ready);
  const { waiting, terminated } = container?.state ?? {};
  // The kubelet repeats the pod's name in full; the reader knows it already.
  const message = waiting?.message?.replace(/ restarting failed container=.*/, "");
  if (waiting) return firstLine([waiting.reason, message].filter(Boolean).join(": "));
  if (terminated) return terminated.reason ?? "ended";
  const scheduled = conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
  return scheduled
    ? firstLine(scheduled.message ?? "not scheduled")
    : container
      ? "starting"
      : (phase ?? "unknown");
}
