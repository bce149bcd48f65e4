/** Objects of a running cluster as somebody would have written them: without what the cluster added. */
import type { KubernetesObject } from "../schema/object.ts";
import { normalForm } from "./normal-form.ts";
import { type Branch, branch, branches, type Source, text, typeOf } from "./source.ts";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** Annotations that controllers and clients write. */
const machineAnnotations =
  /^(kubectl\.kubernetes\.io\/last-applied-configuration|deployment\.kubernetes\.io\/|deprecated\.daemonset\.|pv\.kubernetes\.io\/|volume\.(beta\.)?kubernetes\.io\/|control-plane\.alpha\.|endpoints\.kubernetes\.io\/|batch\.kubernetes\.io\/(job-tracking|cronjob))/;
const machineLabels = [
  "controller-uid",
  "batch.kubernetes.io/controller-uid",
  "job-name",
  "batch.kubernetes.io/job-name",
];

/** Kinds that only clusters make. */
const machineKinds = new Set([
  "Event",
  "Endpoints",
  "EndpointSlice",
  "Lease",
  "Node",
  "ComponentStatus",
  "ControllerRevision",
  "ReplicaSet",
  "PersistentVolume",
  "APIService",
  "FlowSchema",
  "PriorityLevelConfiguration",
  "CSINode",
  "CSIDriver",
  "CSIStorageCapacity",
  "VolumeAttachment",
  "CertificateSigningRequest",
  "RuntimeClass",
  "ServiceCIDR",
  "IPAddress",
  "PodMetrics",
  "NodeMetrics",
  "ResourceSlice",
  "LeaseCandidate",
  "StorageVersion",
  "ClusterTrustBundle",
]);
const systemNamespaces = ["kube-system", "kube-public", "kube-node-lease"];

/** Whether people made an object, as far as it can be told: nothing owns it, and no cluster has it by itself. */
export function isMadeByPeople({ kind, metadata, type }: KubernetesObject): boolean {
  const { name, namespace = "", ownerReferences, labels, annotations } = metadata;
  if (machineKinds.has(kind) || systemNamespaces.includes(namespace)) return false;
  if (Array.isArray(ownerReferences) && ownerReferences.length > 0) return false;
  if (labels?.["kubernetes.io/bootstrapping"] || annotations?.["kubernetes.io/autoupdated"]) return false;
  const own: Record<string, () => boolean> = {
    Namespace: () => [...systemNamespaces, "default"].includes(name),
    ServiceAccount: () => name === "default",
    ConfigMap: () => name === "kube-root-ca.crt" || name === "extension-apiserver-authentication",
    Service: () => name === "kubernetes" && namespace === "default",
    PriorityClass: () => name.startsWith("system-"),
    Secret: () =>
      type === "kubernetes.io/service-account-token" || text(type)?.startsWith("helm.sh/release") === true,
  };
  return !(own[kind]?.() || /^(system:|kubeadm:)/.test(name));
}

/**
 * Live objects as declarations of themselves. What a server assigned (addresses, ports, replicas under an autoscaler)
 * stays only where `kubectl apply` was told so.
 */
export function liveForms(objects: KubernetesObject[], from: string): Source[] {
  const scaled = new Set(
    objects
      .filter(({ kind }) => kind === "HorizontalPodAutoscaler")
      .map(({ metadata, spec }) => {
        const { kind, name } = branch(branch(spec).scaleTargetRef);
        return `${kind} ${metadata.namespace}/${name}`;
      }),
  );
  return objects.map((object) => {
    const { kind, metadata } = object;
    const form = liveForm(object, scaled.has(`${kind} ${metadata.namespace}/${metadata.name}`));
    return { object: form, from };
  });
}

function liveForm(object: KubernetesObject, scaled: boolean): KubernetesObject {
  const told = toldOf(object);
  const spec = branch(object.spec);
  const reduce = reducers[typeOf(object)];
  const { status: _, ...rest } = object;
  const reduced = {
    ...rest,
    metadata: metadataOf(object),
    ...(reduce && { spec: reduce(spec, branch(told.spec), scaled) }),
  };
  return normalForm(reduced as KubernetesObject);
}

/** What the object was last applied as, where that is known. */
function toldOf(object: KubernetesObject): Branch {
  try {
    return branch(JSON.parse(object.metadata.annotations?.[lastApplied] ?? "{}"));
  } catch {
    return {};
  }
}

function metadataOf({ kind, metadata }: KubernetesObject): KubernetesObject["metadata"] {
  const { finalizers: _f, ownerReferences: _o, ...kept } = metadata;
  const annotations = without(metadata.annotations, (key) => machineAnnotations.test(key));
  const labels = without(
    metadata.labels,
    (key) => machineLabels.includes(key) || (kind === "Namespace" && key === "kubernetes.io/metadata.name"),
  );
  return { ...kept, labels, annotations } as KubernetesObject["metadata"];
}

function without(
  map: Record<string, string> | undefined,
  drops: (key: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => !drops(key)));
}

const reducers: Record<string, (spec: Branch, told: Branch, scaled: boolean) => Branch> = {
  "/Service": serviceSpec,
  "/PersistentVolumeClaim": ({ volumeName: _, ...spec }) => spec,
  "/Namespace": () => ({}),
  "/Pod": podSpec,
  "apps/Deployment": withoutReplicas,
  "apps/StatefulSet": withoutReplicas,
  "batch/Job": jobSpec,
};

function withoutReplicas(spec: Branch, told: Branch, scaled: boolean): Branch {
  const { replicas, ...rest } = spec;
  return scaled && told.replicas === undefined ? rest : { replicas, ...rest };
}

function serviceSpec(spec: Branch, told: Branch): Branch {
  const {
    clusterIP,
    clusterIPs: _ips,
    ipFamilies,
    ipFamilyPolicy,
    healthCheckNodePort: _port,
    ...rest
  } = spec;
  const fixed = clusterIP === "None" || told.clusterIP !== undefined;
  const known = Object.keys(told).length > 0;
  const ports = branches(spec.ports).map(({ nodePort, ...port }) => {
    const toldPort = branches(told.ports).find((other) => other.port === port.port);
    // Where nothing tells, the port that clients may know stays as it is.
    return nodePort !== undefined && (!known || toldPort?.nodePort !== undefined)
      ? { ...port, nodePort }
      : port;
  });
  return {
    ...rest,
    ...(fixed && { clusterIP }),
    ...(told.ipFamilies !== undefined && { ipFamilies }),
    ...(ipFamilyPolicy !== "SingleStack" && { ipFamilyPolicy }),
    ports,
  };
}

function podSpec({ nodeName: _n, serviceAccount: _s, ...spec }: Branch): Branch {
  return spec;
}

/** The selector and labels that tie a Job to its pods are made anew for each. */
function jobSpec({ selector: _, ...spec }: Branch): Branch {
  const template = branch(spec.template);
  const metadata = branch(template.metadata);
  const labels = without(metadata.labels as Record<string, string>, (key) => machineLabels.includes(key));
  return { ...spec, template: { ...template, metadata: { ...metadata, labels } } };
}
