import type { KubernetesObject } from "../../schema/object.ts";
import type { Container, PodTemplate } from "../policies/policy.ts";

/** A change of sound objects that breaks one rule; it may answer other objects instead. */
export interface Break {
  rule: string;
  /** What is found. */
  says: string;
  change: (objects: KubernetesObject[]) => KubernetesObject[] | undefined;
}

type Loose = Record<string, never>;

const the = (objects: KubernetesObject[], kind: string, name = "web") =>
  objects.find((o) => o.kind === kind && o.metadata.name === name) as KubernetesObject & {
    spec: Record<string, unknown>;
  };

/** Change the pod of `web`. */
const pod = (rule: string, says: string, change: (spec: PodTemplate["spec"], all: PodTemplate) => void) => ({
  rule,
  says,
  change: (objects: KubernetesObject[]) => {
    const { template } = the(objects, "Deployment").spec as unknown as { template: PodTemplate };
    change(template.spec, template);
    return undefined;
  },
});

/** Change the container of `web`. */
const container = (rule: string, says: string, change: (c: Container) => void) =>
  pod(rule, says, ({ containers }) => change(containers[0] as Container));

const context = (rule: string, says: string, set: object) =>
  container(rule, says, (c) => Object.assign(c.securityContext as object, set));

/** Change the spec of an object. */
const spec = (rule: string, says: string, kind: string, set: object, name = "web"): Break => ({
  rule,
  says,
  change: (objects) => {
    Object.assign(the(objects, kind, name).spec, set);
    return undefined;
  },
});

const add = (rule: string, says: string, ...more: object[]): Break => ({
  rule,
  says,
  change: (objects) => [...objects, ...(more as KubernetesObject[])],
});

const without = (rule: string, says: string, kind: string, name = "web"): Break => ({
  rule,
  says,
  change: (objects) => objects.filter((o) => o.kind !== kind || o.metadata.name !== name),
});

const metadata = { name: "more", namespace: "shop" };
const rbac = "rbac.authorization.k8s.io/v1";
const role = (rule: object) => ({ apiVersion: rbac, kind: "ClusterRole", metadata, rules: [rule] });

/** At least one a rule of the policy set. */
export const breaks: Break[] = [
  pod("host-namespaces", "it shares a namespace of the node", (p) => Object.assign(p, { hostPID: true })),
  container("host-ports", "container web takes a port of the node", (c) =>
    Object.assign(c.ports?.[0] as Loose, { hostPort: 80 }),
  ),
  pod("host-path", "volume x is a folder of the node", (p) =>
    p.volumes?.push({ name: "x", hostPath: { path: "/" } }),
  ),
  context("privileged", "container web is privileged", { privileged: true }),
  context("added-capabilities", "container web adds a capability that reaches the node", {
    capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] },
  }),
  container("host-probes", "container web has a probe or hook with a host", (c) =>
    Object.assign(c, { lifecycle: { postStart: { httpGet: { host: "169.254.169.254", port: 80 } } } }),
  ),
  pod("sysctls", "it sets the sysctl kernel.msgmax", (p) =>
    Object.assign(p.securityContext as Loose, { sysctls: [{ name: "kernel.msgmax", value: "1" }] }),
  ),
  context("proc-mount", "container web sees all of /proc", { procMount: "Unmasked" }),
  pod("proc-mount-user", "container web sees all of /proc", (p) => {
    Object.assign(p, { hostUsers: false });
    Object.assign(p.containers[0]?.securityContext as Loose, { procMount: "Unmasked" });
  }),
  context("app-armor", "container web turns AppArmor off", { appArmorProfile: { type: "Unconfined" } }),
  context("se-linux", "container web sets an SELinux type, user or role", {
    seLinuxOptions: { type: "spc_t" },
  }),
  context("windows-host-process", "container web is a process of the node", {
    windowsOptions: { hostProcess: true },
  }),
  context("seccomp-off", "container web turns seccomp off", { seccompProfile: { type: "Unconfined" } }),
  pod("seccomp", "container web has no seccomp profile", (p) =>
    Object.assign(p.securityContext as Loose, { seccompProfile: undefined }),
  ),
  pod("volume-types", "volume x is not of an allowed type", (p) =>
    p.volumes?.push({ name: "x", nfs: { server: "files", path: "/" } }),
  ),
  context("non-root", "container web may run as root", { runAsUser: 0 }),
  context("privilege-escalation", "container web could gain privileges", {
    allowPrivilegeEscalation: true,
  }),
  context("capabilities", "container web keeps capabilities", {
    capabilities: { drop: ["ALL"], add: ["CHOWN"] },
  }),
  context("read-only-root", "container web can write its root file system", {
    readOnlyRootFilesystem: false,
  }),
  container("requests", "container web lacks requests or a memory limit", (c) =>
    Object.assign(c, { resources: { requests: { cpu: "1", memory: "1Gi" } } }),
  ),
  container("probes", "container web lacks a readiness or liveness probe", (c) =>
    Object.assign(c, { readinessProbe: undefined }),
  ),
  pod("probes", "container side lacks a readiness or liveness probe", (p) => {
    const { readinessProbe: _, ...side } = p.containers[0] as Container;
    p.initContainers = [{ ...side, name: "side", restartPolicy: "Always" }];
  }),
  container("image-tag", "container web uses an image without a version", (c) =>
    Object.assign(c, { image: "example.com:5000/x:latest" }),
  ),
  pod("service-account", "it mounts the token of the default service account", (p) =>
    Object.assign(p, { serviceAccountName: undefined, automountServiceAccountToken: undefined }),
  ),
  pod("api-token", "it mounts the token of web, which no role is bound to", (p) =>
    Object.assign(p, { automountServiceAccountToken: true }),
  ),
  container("duplicate-env", "container web sets APP_VERSION twice", (c) =>
    c.env?.push({ name: "APP_VERSION", value: "2" }),
  ),
  container("secret-env", "container web has a value in clear in DB_PASSWORD", (c) =>
    c.env?.push({ name: "DB_PASSWORD", value: "hunter2" }),
  ),
  container("secret-env", "container web has a value in clear in DATABASE_URL", (c) =>
    c.env?.push({ name: "DATABASE_URL", value: "postgres://shop:hunter2@db/shop" }),
  ),
  pod("volume-limit", "volume x has no size limit", (p) => p.volumes?.push({ name: "x" })),
  pod("volume-limit", "volume x has no size limit", (p) => p.volumes?.push({ name: "x", emptyDir: {} })),
  container("volume-mounts", "container web mounts x, which the pod does not have", (c) =>
    c.volumeMounts?.push({ name: "x", mountPath: "/x" }),
  ),
  {
    rule: "spread",
    says: "nothing keeps its 2 pods on different nodes",
    change: (objects) => {
      const { template } = the(objects, "StatefulSet", "keeper").spec as unknown as { template: PodTemplate };
      template.spec.topologySpreadConstraints = [];
      return undefined;
    },
  },
  without("isolation", "no network policy selects its pods", "NetworkPolicy"),
  add("rbac-wildcard", "it allows get of *", role({ apiGroups: [""], resources: ["*"], verbs: ["get"] })),
  add(
    "rbac-raise",
    "it allows to escalate",
    role({ apiGroups: [rbac], resources: ["roles"], verbs: ["escalate"] }),
  ),
  add("cluster-admin", "it binds cluster-admin", {
    apiVersion: rbac,
    kind: "ClusterRoleBinding",
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [],
  }),
  add("secret-in-clear", "it holds password in clear", {
    apiVersion: "v1",
    kind: "Secret",
    metadata,
    stringData: { password: "hunter2" },
  }),
  add("ingress", "it is an Ingress", {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata,
    spec: {},
  }),
  spec("service-exposure", "it is of type NodePort", "Service", { type: "NodePort" }),
  spec("service-exposure", "it takes the addresses 192.0.2.1 for itself", "Service", {
    externalIPs: ["192.0.2.1"],
  }),
  {
    rule: "system-namespace",
    says: "it runs in default",
    change: (objects) =>
      objects
        .map((object) => ({ ...object, metadata: { ...object.metadata, namespace: "default" } }))
        .filter(({ metadata: { name } }) => name === "web"),
  },
  spec("host-domain", "web.example.com is not in localhost", "HTTPRoute", {
    hostnames: ["web.example.com"],
  }),
  spec("selector", "its selector does not match its pods", "Deployment", {
    selector: { matchLabels: { app: "other" } },
  }),
  without("stateful-service", "there is no headless Service keeper-pods", "Service", "keeper-pods"),
  spec("service-selects", "it selects no pod", "Service", { selector: { app: "other" } }),
  spec("service-selects", "the pods it selects have no port named web", "Service", {
    ports: [{ port: 8080, targetPort: "web" }],
  }),
  spec("route-backend", "there is no Service web with port 80", "HTTPRoute", {
    rules: [{ backendRefs: [{ name: "web", port: 80 }] }],
  }),
  spec("budget-blocks", "it lets no pod be away", "PodDisruptionBudget", { maxUnavailable: 0 }),
  spec("budget-blocks", "it wants 2 of 2 pods there", "PodDisruptionBudget", {
    maxUnavailable: undefined,
    minAvailable: 2,
  }),
  spec("budget-blocks", "it wants 51% of 2 pods there", "PodDisruptionBudget", {
    maxUnavailable: undefined,
    minAvailable: "51%",
  }),
  without("budget", "no disruption budget selects its pods", "PodDisruptionBudget"),
  spec("autoscaler", "Deployment web sets replicas itself", "Deployment", { replicas: 2 }),
  spec("autoscaler", "there is no Deployment nobody", "HorizontalPodAutoscaler", {
    scaleTargetRef: { kind: "Deployment", name: "nobody" },
  }),
  add("cron-deadline", "it has no deadline to start by", {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata,
    spec: { schedule: "0 0 * * *" },
  }),
];
