import type { KubernetesObject } from "../schema/object.ts";

/** A pod template inside an object, whatever wraps it. */
export interface PodTemplate {
  spec: {
    containers: Container[];
    initContainers?: Container[];
    securityContext?: SecurityContext;
    volumes?: Record<string, unknown>[];
    hostNetwork?: boolean;
    hostPID?: boolean;
    hostIPC?: boolean;
    automountServiceAccountToken?: boolean;
  };
  metadata?: { labels?: Record<string, string> };
}

interface Container {
  name: string;
  image: string;
  ports?: { hostPort?: number }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  livenessProbe?: object;
  readinessProbe?: object;
  securityContext?: SecurityContext;
}

interface SecurityContext {
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  runAsNonRoot?: boolean;
  runAsUser?: number;
  capabilities?: { drop?: string[]; add?: string[] };
  seccompProfile?: { type: string };
}

/** A rule of the policy set. `check` gives what breaks it, nothing when all is well. */
export interface Policy {
  id: string;
  title: string;
  why: string;
  fix: string;
  check: (pod: PodTemplate, object: KubernetesObject) => string[];
}

const restrictedVolumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/** Every container of the pod for which `test` does not hold, as a sentence. */
function each(pod: PodTemplate, test: (c: Container) => boolean, says: string): string[] {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return containers.filter((c) => !test(c)).map((c) => `container ${c.name} ${says}`);
}

/** The policy set, as data. The first rules together are Pod Security's profile "restricted". */
export const policies: Policy[] = [
  {
    id: "host-namespaces",
    title: "pods do not share the node's namespaces",
    why: "they could see and reach everything on the node",
    fix: "remove hostNetwork, hostPID and hostIPC",
    check: ({ spec }) =>
      spec.hostNetwork || spec.hostPID || spec.hostIPC ? ["it shares a namespace of the node"] : [],
  },
  {
    id: "host-ports",
    title: "containers do not take ports of the node",
    why: "two pods could not run on one node",
    fix: "use a Service",
    check: (pod) => each(pod, (c) => !(c.ports ?? []).some((p) => p.hostPort), "takes a port of the node"),
  },
  {
    id: "volume-types",
    title: "pods mount only volumes of Kubernetes' own",
    why: "a hostPath opens the node's files",
    fix: "use a claim, an emptyDir, a ConfigMap or a Secret",
    check: ({ spec }) =>
      (spec.volumes ?? [])
        .filter((volume) => !Object.keys(volume).some((type) => restrictedVolumes.includes(type)))
        .map((volume) => `volume ${volume.name} is not of an allowed type`),
  },
  {
    id: "non-root",
    title: "containers run as another user than root",
    why: "root in a container is one kernel bug away from root on the node",
    fix: "set runAsNonRoot, and no runAsUser 0",
    check: (pod) =>
      each(
        pod,
        (c) =>
          (c.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot) === true &&
          (c.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser) !== 0,
        "may run as root",
      ),
  },
  {
    id: "privilege-escalation",
    title: "containers cannot gain privileges",
    why: "a setuid program would give root back",
    fix: "set allowPrivilegeEscalation: false and drop all capabilities",
    check: (pod) =>
      each(
        pod,
        ({ securityContext: s }) =>
          s?.allowPrivilegeEscalation === false &&
          s.privileged !== true &&
          s.capabilities?.drop?.includes("ALL") === true &&
          (s.capabilities.add ?? []).every((capability) => capability === "NET_BIND_SERVICE"),
        "could gain privileges",
      ),
  },
  {
    id: "seccomp",
    title: "containers run under a seccomp profile",
    why: "it shuts the system calls that nothing needs",
    fix: "set seccompProfile.type: RuntimeDefault",
    check: (pod) =>
      each(
        pod,
        (c) =>
          ["RuntimeDefault", "Localhost"].includes(
            (c.securityContext?.seccompProfile ?? pod.spec.securityContext?.seccompProfile)?.type ?? "",
          ),
        "has no seccomp profile",
      ),
  },
  {
    id: "read-only-root",
    title: "root file systems are read-only",
    why: "what cannot be written cannot be planted",
    fix: "set readOnlyRootFilesystem: true and mount an emptyDir where writing is needed",
    check: (pod) =>
      each(pod, (c) => c.securityContext?.readOnlyRootFilesystem === true, "can write its root file system"),
  },
  {
    id: "requests",
    title: "containers say what they need",
    why: "the scheduler cannot place what it cannot weigh",
    fix: "set requests for cpu and memory and a memory limit",
    check: (pod) =>
      each(
        pod,
        ({ resources: r }) => Boolean(r?.requests?.cpu && r.requests.memory && r.limits?.memory),
        "lacks requests or a memory limit",
      ),
  },
  {
    id: "probes",
    title: "containers with ports can be asked how they are",
    why: "without it traffic goes to pods that cannot answer",
    fix: "set `probes`",
    check: ({ spec }) =>
      spec.containers
        .filter((c) => (c.ports ?? []).length > 0 && !(c.readinessProbe && c.livenessProbe))
        .map((c) => `container ${c.name} lacks a readiness or liveness probe`),
  },
  {
    id: "image-tag",
    title: "images name a version",
    why: "what `latest` means changes without a commit",
    fix: "name a version or a digest",
    check: (pod) =>
      each(pod, (c) => /@sha256:|:(?!latest$)[^/:]+$/.test(c.image), "uses an image without a version"),
  },
];

/** The pod template of a workload, CronJob or Pod; undefined for anything else, and where it has no containers. */
export function podTemplateOf(object: KubernetesObject): PodTemplate | undefined {
  const template = templateOf(object);
  return Array.isArray(template?.spec?.containers) ? template : undefined;
}

function templateOf(object: KubernetesObject): PodTemplate | undefined {
  const spec = object.spec as Record<string, unknown> | undefined;
  if (object.kind === "Pod") return object as unknown as PodTemplate;
  if (object.kind === "CronJob") {
    return (spec?.jobTemplate as { spec?: { template?: PodTemplate } } | undefined)?.spec?.template;
  }
  if (["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"].includes(object.kind)) {
    return spec?.template as PodTemplate | undefined;
  }
  return undefined;
}
