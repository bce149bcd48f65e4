/** What a policy is, and what it looks at. The rules themselves are data: one file a group beside this one. */
import type { KubernetesObject } from "../../schema/object.ts";

/** A pod template inside an object, whatever wraps it. */
export interface PodTemplate {
  spec: PodSpec;
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
}

interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  ephemeralContainers?: Container[];
  securityContext?: SecurityContext & { sysctls?: { name: string }[] };
  volumes?: (Record<string, unknown> & { name: string })[];
  os?: { name?: string };
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  hostUsers?: boolean;
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  topologySpreadConstraints?: object[];
  affinity?: { podAntiAffinity?: object };
}

/** Of a probe or a hook: what it asks. */
export interface Handler {
  httpGet?: { host?: string };
  tcpSocket?: { host?: string };
}

export interface Container {
  name: string;
  image: string;
  env?: { name: string; value?: string }[];
  volumeMounts?: { name: string; mountPath?: string }[];
  ports?: { name?: string; containerPort?: number; hostPort?: number; protocol?: string }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  livenessProbe?: Handler;
  readinessProbe?: Handler;
  startupProbe?: Handler;
  lifecycle?: { postStart?: Handler; preStop?: Handler };
  restartPolicy?: string;
  securityContext?: SecurityContext;
}

export interface SecurityContext {
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  runAsNonRoot?: boolean;
  runAsUser?: number;
  procMount?: string;
  capabilities?: { drop?: string[]; add?: string[] };
  seccompProfile?: { type: string };
  appArmorProfile?: { type: string };
  seLinuxOptions?: { type?: string; user?: string; role?: string };
  windowsOptions?: { hostProcess?: boolean };
}

/** What is around the object judged. */
export interface Around {
  object: KubernetesObject;
  bundle: { kind: "app" | "part" | "secrets"; owner: string };
  /** The company's domain. */
  domain: string;
  /** The first object of these kinds in a namespace that passes; the bundle's own are asked before the cluster's. */
  find: (
    kinds: readonly string[],
    namespace: string | undefined,
    test: (object: KubernetesObject) => boolean,
  ) => KubernetesObject | undefined;
}

interface Rule<On, What> {
  /** What `waive` names it by. */
  id: string;
  /** What holds when it is kept. */
  title: string;
  why: string;
  fix: string;
  severity: "error" | "warning" | "info";
  /** The lowest profile of Pod Security that demands it: where it is waived, the namespace must have a looser one. */
  profile?: "baseline" | "restricted";
  /** `pods`: templates of pods wherever they are; else kinds of objects. */
  on: On;
  /** What breaks it, one finding each; nothing when all is well. */
  check: (what: What, around: Around) => string[];
}

export type PodPolicy = Rule<"pods", PodTemplate>;
export type ObjectPolicy = Rule<readonly string[], KubernetesObject>;
export type Policy = PodPolicy | ObjectPolicy;

/** The rules of a profile of Pod Security: the API server refuses a pod that breaks one. */
export function profileRules(
  profile: "baseline" | "restricted",
  rules: Omit<PodPolicy, "severity" | "profile" | "on">[],
): PodPolicy[] {
  return rules.map((rule) => ({ ...rule, severity: "error", profile, on: "pods" }));
}

/** Kinds that have a pod template. */
export const workloadKinds = [
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "ReplicaSet",
  "Job",
  "CronJob",
  "Pod",
];

/** The pod template of a workload, CronJob or Pod; undefined for anything else, and where it has no containers. */
export function podTemplateOf(object: KubernetesObject): PodTemplate | undefined {
  const template = templateOf(object);
  return Array.isArray(template?.spec?.containers) ? template : undefined;
}

function templateOf(object: KubernetesObject): PodTemplate | undefined {
  if (!workloadKinds.includes(object.kind)) return undefined;
  if (object.kind === "Pod") return object as unknown as PodTemplate;
  const spec = object.spec as Record<string, unknown> | undefined;
  if (object.kind !== "CronJob") return spec?.template as PodTemplate | undefined;
  return (spec?.jobTemplate as { spec?: { template?: PodTemplate } } | undefined)?.spec?.template;
}

/** Every container of a pod: those that start it, those that stay, those added to look inside. */
export function containersOf({ spec }: PodTemplate): Container[] {
  if (!spec.initContainers && !spec.ephemeralContainers) return spec.containers;
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

/** Every container for which `test` does not hold, as a sentence. */
export function each(pod: PodTemplate, test: (c: Container) => boolean, says: string): string[] {
  return containersOf(pod)
    .filter((c) => !test(c))
    .map((c) => `container ${c.name} ${says}`);
}

/** Whether a label selector matches labels: `matchLabels` and `matchExpressions`; an empty one matches all. */
export function matches(selector: LabelSelector | undefined, labels: Record<string, string> = {}): boolean {
  if (!selector) return false;
  for (const key in selector.matchLabels) if (labels[key] !== selector.matchLabels[key]) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === "Exists") return value !== undefined;
    if (operator === "DoesNotExist") return value === undefined;
    const isIn = value !== undefined && values.includes(value);
    return operator === "In" ? isIn : !isIn;
  });
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}
