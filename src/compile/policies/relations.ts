/** Objects that only make sense together: what selects pods, what counts them, what leads to them. */
import { primarySuffix, rolesAnnotation } from "../../kit/labels.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import {
  type Around,
  type LabelSelector,
  matches,
  type ObjectPolicy,
  podTemplateOf,
  workloadKinds,
} from "./policy.ts";

const scaled = ["Deployment", "StatefulSet", "ReplicaSet"];

interface WorkloadSpec {
  replicas?: number;
  selector?: LabelSelector;
  serviceName?: string;
}
const specOf = <T>(object: KubernetesObject | undefined) => (object?.spec ?? {}) as T;

const labelsOf = (workload: KubernetesObject) => podTemplateOf(workload)?.metadata?.labels;

/** The workload in the object's namespace whose pods a selector selects. */
const selected = (around: Around, selector: LabelSelector | undefined, kinds = workloadKinds) =>
  around.find(kinds, around.object.metadata.namespace, (w) => matches(selector, labelsOf(w)));

/** The autoscaler that drives a workload. */
const autoscalerOf = (around: Around, { kind, metadata }: KubernetesObject) =>
  around.find(["HorizontalPodAutoscaler"], metadata.namespace, ({ spec }) => {
    const target = (spec as { scaleTargetRef?: { kind?: string; name?: string } }).scaleTargetRef;
    return target?.kind === kind && target.name === metadata.name;
  });

/** The fewest pods a workload has by will. */
function fewest(around: Around, workload: KubernetesObject): number {
  const autoscaler = autoscalerOf(around, workload);
  if (autoscaler) return specOf<{ minReplicas?: number }>(autoscaler).minReplicas ?? 1;
  return specOf<WorkloadSpec>(workload).replicas ?? 1;
}

/** How many of `total` pods a number or a share is; shares count up, as the disruption controller does. */
function podsOf(value: number | string, total: number): number {
  return typeof value === "number" ? value : Math.ceil((Number.parseInt(value, 10) / 100) * total);
}

/** The workload whose copy of this name serves while a new version is analysed; the copy is not ours to make. */
function primaryOf(name: string, named: (name: string) => KubernetesObject | undefined) {
  if (!name.endsWith(primarySuffix)) return undefined;
  const workload = named(name.slice(0, -primarySuffix.length));
  const annotations = workload && podTemplateOf(workload)?.metadata?.annotations;
  const [mark = ""] = Object.keys(rolesAnnotation);
  return annotations && mark in annotations ? workload : undefined;
}

export const relations: ObjectPolicy[] = [
  {
    id: "selector",
    title: "workloads select the pods they make",
    why: "the API server refuses others",
    fix: "give the template the labels of the selector",
    severity: "error",
    on: ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"],
    check: (workload) =>
      matches(specOf<WorkloadSpec>(workload).selector, labelsOf(workload))
        ? []
        : ["its selector does not match its pods"],
  },
  {
    id: "stateful-service",
    title: "a StatefulSet's pods have host names",
    why: "without the headless Service they do not find each other",
    fix: "add a Service of that name with clusterIP: None",
    severity: "error",
    on: ["StatefulSet"],
    check: (set, { find }) => {
      const { serviceName } = specOf<WorkloadSpec>(set);
      const isIt = ({ metadata, spec }: KubernetesObject) =>
        metadata.name === serviceName && (spec as { clusterIP?: string })?.clusterIP === "None";
      return !serviceName || find(["Service"], set.metadata.namespace, isIt)
        ? []
        : [`there is no headless Service ${serviceName}`];
    },
  },
  {
    id: "service-selects",
    title: "Services lead to pods",
    why: "requests to it would go nowhere",
    fix: "correct its selector or target port, or remove it",
    severity: "error",
    on: ["Service"],
    check: (service, around) => {
      const { selector, ports } = specOf<{
        selector?: Record<string, string>;
        ports?: { targetPort?: number | string }[];
      }>(service);
      if (!selector || Object.keys(selector).length === 0) return [];
      const found = selected(around, { matchLabels: selector });
      if (!found) return ["it selects no pod"];
      const names = new Set(
        podTemplateOf(found)?.spec.containers.flatMap((c) => (c.ports ?? []).map(({ name }) => name)),
      );
      return (ports ?? [])
        .filter(({ targetPort: port }) => typeof port === "string" && !names.has(port))
        .map(({ targetPort }) => `the pods it selects have no port named ${targetPort}`);
    },
  },
  {
    id: "route-backend",
    title: "routes lead to Services",
    why: "the gateway would answer 500",
    fix: "correct the backend's name or port",
    severity: "error",
    on: ["HTTPRoute", "GRPCRoute"],
    check: (route, { find }) => {
      const { rules = [] } = specOf<{
        rules?: {
          backendRefs?: { kind?: string; name: string; namespace?: string; port?: number }[];
        }[];
      }>(route);
      return rules
        .flatMap(({ backendRefs = [] }) => backendRefs)
        .filter(({ kind = "Service", name, namespace = route.metadata.namespace, port }) => {
          const isIt = ({ metadata, spec }: KubernetesObject) =>
            metadata.name === name &&
            (spec as { ports?: { port: number }[] })?.ports?.some((p) => p.port === port);
          return kind === "Service" && !find(["Service"], namespace, (s) => isIt(s) === true);
        })
        .map(({ name, port }) => `there is no Service ${name} with port ${port}`);
    },
  },
  {
    id: "budget-blocks",
    title: "disruption budgets let nodes be drained",
    why: "an update of the nodes would wait for ever",
    fix: "allow one pod to be away",
    severity: "error",
    on: ["PodDisruptionBudget"],
    check: (budget, around) => {
      const { maxUnavailable, minAvailable, selector } = specOf<{
        maxUnavailable?: number | string;
        minAvailable?: number | string;
        selector?: LabelSelector;
      }>(budget);
      const workload = selected(around, selector, scaled);
      const pods = workload ? fewest(around, workload) : 1;
      if (pods === 0) return [];
      if (maxUnavailable !== undefined)
        return podsOf(maxUnavailable, pods) < 1 ? ["it lets no pod be away"] : [];
      return minAvailable !== undefined && podsOf(minAvailable, pods) >= pods
        ? [`it wants ${minAvailable} of ${pods} pods there`]
        : [];
    },
  },
  {
    id: "budget",
    title: "workloads of several pods have a disruption budget",
    why: "draining two nodes at once could take all of them",
    fix: "add a PodDisruptionBudget",
    severity: "warning",
    on: ["Deployment", "StatefulSet"],
    check: (workload, around) => {
      if (fewest(around, workload) < 2) return [];
      const covers = ({ spec }: KubernetesObject) =>
        matches((spec as { selector?: LabelSelector })?.selector, labelsOf(workload));
      return around.find(["PodDisruptionBudget"], workload.metadata.namespace, covers)
        ? []
        : ["no disruption budget selects its pods"];
    },
  },
  {
    id: "autoscaler",
    title: "an autoscaler has a workload whose replicas nobody else sets",
    why: "each commit would undo what it scaled",
    fix: "correct its target, or remove `replicas` from the workload",
    severity: "error",
    on: ["HorizontalPodAutoscaler"],
    check: ({ spec, metadata }, { find }) => {
      const target = (spec as { scaleTargetRef: { kind: string; name: string } }).scaleTargetRef;
      if (!scaled.includes(target.kind)) return [];
      const named = (name: string) =>
        find([target.kind], metadata.namespace, (w) => w.metadata.name === name);
      const workload = named(target.name) ?? primaryOf(target.name, named);
      if (!workload) return [`there is no ${target.kind} ${target.name}`];
      return specOf<WorkloadSpec>(workload).replicas === undefined
        ? []
        : [`${target.kind} ${target.name} sets replicas itself`];
    },
  },
  {
    id: "cron-deadline",
    title: "cron jobs say how late they may start",
    why: "after a hundred missed starts one without a deadline never starts again",
    fix: "set startingDeadlineSeconds",
    severity: "warning",
    on: ["CronJob"],
    check: ({ spec }) =>
      (spec as { startingDeadlineSeconds?: number })?.startingDeadlineSeconds
        ? []
        : ["it has no deadline to start by"],
  },
];
