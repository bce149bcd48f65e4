import type { KubernetesObject } from "../schema/object.ts";
import { labelsOf, type Owner, selectorLabel } from "./labels.ts";
import type { AppPort } from "./placed-app.ts";
import { type PodSpec, podSpec } from "./pod.ts";

/** The name of the headless Service that a StatefulSet's pods have their host names from. */
const podsName = (workload: string) => `${workload}-pods`;

export interface WorkloadSpec {
  kind: "Deployment" | "StatefulSet" | "DaemonSet";
  name: string;
  namespace: string;
  owner: Owner;
  /** Left out where an autoscaler drives it: the field then belongs to that one alone. */
  replicas?: number | undefined;
  pod: PodSpec;
  podAnnotations?: Record<string, string>;
  claims?: object[];
  /** @default one more pod first, none less */
  strategy?: object;
}

/** A Deployment, StatefulSet or DaemonSet with exactly one selector label. A StatefulSet needs `headlessService`. */
export function workload(spec: WorkloadSpec): KubernetesObject {
  const labels = labelsOf(spec.owner, spec.name);
  return {
    apiVersion: "apps/v1",
    kind: spec.kind,
    metadata: { name: spec.name, namespace: spec.namespace, labels },
    spec: {
      ...(spec.replicas !== undefined && spec.kind !== "DaemonSet" && { replicas: spec.replicas }),
      ...(spec.kind !== "DaemonSet" && { revisionHistoryLimit: 5 }),
      selector: { matchLabels: { [selectorLabel]: spec.name } },
      ...strategyOf(spec),
      // Ordered starts would let one pod that cannot become ready block the very update that mends it.
      ...(spec.kind === "StatefulSet" && {
        serviceName: podsName(spec.name),
        podManagementPolicy: "Parallel",
      }),
      template: {
        metadata: { labels, ...(spec.podAnnotations && { annotations: spec.podAnnotations }) },
        spec: podSpec(spec.pod),
      },
      ...(spec.claims?.length && { volumeClaimTemplates: spec.claims }),
    },
  };
}

function strategyOf(spec: WorkloadSpec): object {
  if (spec.kind !== "Deployment") return {};
  return {
    strategy: spec.strategy ?? { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  };
}

/** A Service for all pods of one workload. The named target ports follow the container's. */
export function service(of: {
  name: string;
  namespace: string;
  owner: Owner;
  ports: AppPort[];
  clusterIp?: string;
  type?: "ClusterIP" | "NodePort";
  nodePorts?: Record<string, number>;
  /** @default the workload of the same name */
  selector?: Record<string, string>;
}): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: of.name, namespace: of.namespace, labels: labelsOf(of.owner, of.name) },
    spec: {
      ...(of.clusterIp && { clusterIP: of.clusterIp }),
      ...(of.type && { type: of.type }),
      selector: of.selector ?? { [selectorLabel]: of.name },
      ports: of.ports.map((port) => ({
        ...servicePort(port),
        ...(of.nodePorts?.[port.name] && { nodePort: of.nodePorts[port.name] }),
      })),
    },
  };
}

function servicePort({ name, port, protocol }: AppPort): object {
  return {
    name,
    port,
    targetPort: name,
    protocol: "TCP",
    ...(protocol !== "tcp" && { appProtocol: protocol === "grpc" ? "kubernetes.io/h2c" : "http" }),
  };
}

/**
 * The Service `<workload>-pods` that gives each pod of a StatefulSet a host name, before it is ready too: members of
 * one set must find each other to become so.
 */
export function headlessService(of: {
  /** The workload's name. */
  name: string;
  namespace: string;
  owner: Owner;
  ports: AppPort[];
}): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: podsName(of.name), namespace: of.namespace, labels: labelsOf(of.owner, of.name) },
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: { [selectorLabel]: of.name },
      ...(of.ports.length > 0 && { ports: of.ports.map(servicePort) }),
    },
  };
}

/** A service account whose token is not mounted unless a pod asks for it. */
export function serviceAccount(name: string, namespace: string, owner: Owner): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace, labels: labelsOf(owner, name) },
    automountServiceAccountToken: false,
  };
}

/**
 * A budget for voluntary disruptions, selecting by the owner's constant label. Pods that are not ready may always be
 * evicted: a broken app must not keep a node from being drained.
 */
export function disruptionBudget(
  name: string,
  namespace: string,
  owner: Owner,
  maxUnavailable: number,
): KubernetesObject {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, namespace, labels: labelsOf(owner, name) },
    spec: {
      maxUnavailable,
      selector: { matchLabels: { [owner.label]: owner.name } },
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}

/** A ConfigMap of text files. */
export function configMap(
  name: string,
  namespace: string,
  owner: Owner,
  data: Record<string, string>,
): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    // A name by content may be longer than a label's value.
    metadata: { name, namespace, labels: labelsOf(owner) },
    data,
  };
}
