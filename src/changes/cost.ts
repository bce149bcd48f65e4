/** What objects ask a cluster for, at least and at most: pods by their controllers, requests by their containers. */

import { quantityOf } from "../util/quantity.ts";
import { groupKind } from "./immutable.ts";
import type { Cost, Objects, Range } from "./types.ts";

interface Container {
  restartPolicy?: string;
  resources?: { requests?: Record<string, unknown> };
}
interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
}
interface Workload {
  replicas?: number;
  parallelism?: number;
  template?: { spec?: PodSpec };
  volumeClaimTemplates?: { spec?: { resources?: { requests?: Record<string, unknown> } } }[];
}

const controllers = ["apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "batch/Job"];
const zero: Range = { min: 0, max: 0 };
export const noCost: Cost = { pods: zero, cpu: zero, memory: zero, storage: zero };

/**
 * What these objects ask for together. A DaemonSet's pods depend on the nodes, a CronJob's on the hour: neither is
 * counted. Autoscalers must be among the objects.
 */
export function costOf(objects: Objects): Cost {
  return sumCost(objects.map((object) => costOfObject(object, objects)));
}

function costOfObject(object: Objects[number], all: Objects): Cost {
  const kind = groupKind(object);
  if (kind === "PersistentVolumeClaim") {
    const spec = object.spec as { resources?: { requests?: Record<string, unknown> } } | undefined;
    return { ...noCost, storage: constant(quantityOf(spec?.resources?.requests?.storage)) };
  }
  if (!controllers.includes(kind)) return noCost;
  const spec = (object.spec ?? {}) as Workload;
  const pods = podsOf(object, all);
  const pod = spec.template?.spec ?? {};
  const claims = (spec.volumeClaimTemplates ?? []).map((claim) =>
    quantityOf(claim.spec?.resources?.requests?.storage),
  );
  return {
    pods,
    cpu: times(pods, requestOf(pod, "cpu")),
    memory: times(pods, requestOf(pod, "memory")),
    storage: times(
      pods,
      claims.reduce((a, b) => a + b, 0),
    ),
  };
}

/** How many pods a controller keeps: as its autoscaler says where it has one. */
export function podsOf(object: Objects[number], all: Objects): Range {
  const { replicas, parallelism } = (object.spec ?? {}) as Workload;
  const scaler = scalerOf(object, all);
  if (!scaler) return constant(replicas ?? parallelism ?? 1);
  const { minReplicas = 1, maxReplicas = minReplicas } = scaler.spec as {
    minReplicas?: number;
    maxReplicas?: number;
  };
  return { min: minReplicas, max: maxReplicas };
}

/** The autoscaler that drives a workload's `replicas`. */
export function scalerOf(object: Objects[number], all: Objects): Objects[number] | undefined {
  return all.find(({ kind, metadata, spec }) => {
    if (kind !== "HorizontalPodAutoscaler" || metadata.namespace !== object.metadata.namespace) return false;
    const target = (spec as { scaleTargetRef?: { kind?: string; name?: string } }).scaleTargetRef;
    return target?.kind === object.kind && target.name === object.metadata.name;
  });
}

/** What the scheduler reserves: all containers with sidecars, or the largest step of the start if that is more. */
function requestOf({ containers = [], initContainers = [] }: PodSpec, resource: string): number {
  const ask = (container: Container) => quantityOf(container.resources?.requests?.[resource]);
  const sum = (list: Container[]) => list.reduce((total, container) => total + ask(container), 0);
  let sidecars = 0;
  let start = 0;
  for (const container of initContainers) {
    start = Math.max(start, sidecars + ask(container));
    if (container.restartPolicy === "Always") sidecars += ask(container);
  }
  return Math.max(sum(containers) + sidecars, start);
}

export function sumCost(costs: readonly Cost[]): Cost {
  return costs.reduce((a, b) => combine(a, b, (x, y) => x + y), noCost);
}

/** The same on so many clusters. */
export function scaleCost(cost: Cost, clusters: number): Cost {
  return combine(cost, cost, (x) => x * clusters);
}

function combine(a: Cost, b: Cost, operate: (x: number, y: number) => number): Cost {
  const both = (key: keyof Cost): Range => ({
    min: operate(a[key].min, b[key].min),
    max: operate(a[key].max, b[key].max),
  });
  return { pods: both("pods"), cpu: both("cpu"), memory: both("memory"), storage: both("storage") };
}

const constant = (n: number): Range => ({ min: n, max: n });
const times = ({ min, max }: Range, n: number): Range => ({ min: min * n, max: max * n });
