/** What good teams ask of every pod beyond Pod Security: that it can be placed, asked, moved and told apart. */
import type { KubernetesObject } from "../../schema/object.ts";
import { containersOf, each, matches, type PodPolicy, type PodTemplate } from "./policy.ts";

/** Names of variables whose value is nobody's business. */
const secretName = /(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;
const userInUrl = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i;

/** A path, a number or a switch is no secret, whatever its variable is called. */
const isSecret = ({ name, value = "" }: { name: string; value?: string }) =>
  userInUrl.test(value) || (secretName.test(name) && !/^(|\/.*|\d+|true|false|.*\$\(.*)$/.test(value));

const duplicates = (names: string[]) => [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];

/** The containers that stay: sidecars among those that start it, and its own. */
const staying = (pod: PodTemplate) => [
  ...(pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always"),
  ...pod.spec.containers,
];

interface Claim {
  metadata: { name: string };
}

const grants = ["RoleBinding", "ClusterRoleBinding"];

export const pods: PodPolicy[] = [
  {
    id: "read-only-root",
    title: "root file systems are read-only",
    why: "what cannot be written cannot be planted",
    fix: "set readOnlyRootFilesystem: true and mount an emptyDir where writing is needed",
    severity: "error",
    on: "pods",
    check: (pod) =>
      each(pod, (c) => c.securityContext?.readOnlyRootFilesystem === true, "can write its root file system"),
  },
  {
    id: "requests",
    title: "containers say what they need",
    why: "the scheduler cannot place what it cannot weigh",
    fix: "set requests for cpu and memory and a memory limit",
    severity: "error",
    on: "pods",
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
    severity: "error",
    on: "pods",
    check: (pod) =>
      staying(pod)
        .filter((c) => c.ports?.length && !(c.readinessProbe && c.livenessProbe))
        .map((c) => `container ${c.name} lacks a readiness or liveness probe`),
  },
  {
    id: "image-tag",
    title: "images name a version",
    why: "what `latest` means changes without a commit",
    fix: "name a version or a digest",
    severity: "error",
    on: "pods",
    check: (pod) =>
      each(pod, (c) => /@sha256:|:(?!latest$)[^/:]+$/.test(c.image), "uses an image without a version"),
  },
  {
    id: "service-account",
    title: "pods that talk to the API server have an account of their own",
    why: "what one is allowed with the default account, all pods of the namespace are",
    fix: "name a service account, or set automountServiceAccountToken: false",
    severity: "error",
    on: "pods",
    check: ({ spec }) =>
      (spec.serviceAccountName ?? "default") === "default" && spec.automountServiceAccountToken !== false
        ? ["it mounts the token of the default service account"]
        : [],
  },
  {
    id: "api-token",
    title: "tokens are mounted where roles are bound",
    why: "a token without a role is of use to an intruder alone",
    fix: "set automountServiceAccountToken: false, or bind a role to its service account",
    severity: "error",
    on: "pods",
    check: ({ spec }, { object, find }) => {
      const name = spec.serviceAccountName;
      const { namespace } = object.metadata;
      if (!name || spec.automountServiceAccountToken === false) return [];
      const account = find(["ServiceAccount"], namespace, ({ metadata }) => metadata.name === name);
      if (spec.automountServiceAccountToken === undefined && account?.automountServiceAccountToken === false)
        return [];
      const binds = (subjects: unknown) =>
        ((subjects ?? []) as { kind: string; name: string; namespace?: string }[]).some(
          (s) => s.kind === "ServiceAccount" && s.name === name && (s.namespace ?? namespace) === namespace,
        );
      return find(grants, undefined, ({ subjects }) => binds(subjects))
        ? []
        : [`it mounts the token of ${name}, which no role is bound to`];
    },
  },
  {
    id: "duplicate-env",
    title: "a variable is set once",
    why: "the last one wins, and a patch may keep the other",
    fix: "remove one of the two",
    severity: "error",
    on: "pods",
    check: (pod) =>
      containersOf(pod).flatMap((c) =>
        duplicates((c.env ?? []).map(({ name }) => name)).map(
          (name) => `container ${c.name} sets ${name} twice`,
        ),
      ),
  },
  {
    id: "secret-env",
    title: "secrets are references",
    why: "whoever may read the fleet repo or the pod could read it",
    fix: 'declare a secret and refer to it: `env: { KEY: secret("name") }`',
    severity: "error",
    on: "pods",
    check: (pod) =>
      containersOf(pod).flatMap((c) =>
        (c.env ?? [])
          .filter(isSecret)
          .map(({ name }) => `container ${c.name} has a value in clear in ${name}`),
      ),
  },
  {
    id: "volume-limit",
    title: "volumes of the node's disk are limited",
    why: "one pod could fill the disk, and the kubelet would evict its neighbours",
    fix: "set emptyDir.sizeLimit",
    severity: "error",
    on: "pods",
    check: ({ spec }) =>
      (spec.volumes ?? [])
        .filter((volume) => {
          // Kubernetes takes a volume that is nothing else for an empty one.
          const isEmpty = volume.emptyDir ?? Object.keys(volume).length === 1;
          return isEmpty && !(volume.emptyDir as { sizeLimit?: string } | undefined)?.sizeLimit;
        })
        .map(({ name }) => `volume ${name} has no size limit`),
  },
  {
    id: "volume-mounts",
    title: "containers mount volumes that their pod has",
    why: "the API server refuses others",
    fix: "add the volume, or remove the mount",
    severity: "error",
    on: "pods",
    check: (pod, { object }) => {
      const { volumeClaimTemplates = [] } = (object.spec ?? {}) as { volumeClaimTemplates?: Claim[] };
      const claims = volumeClaimTemplates.map(({ metadata }) => metadata);
      const there = new Set([...(pod.spec.volumes ?? []), ...claims].map(({ name }) => name));
      return containersOf(pod).flatMap((c) =>
        (c.volumeMounts ?? [])
          .filter(({ name }) => !there.has(name))
          .map(({ name }) => `container ${c.name} mounts ${name}, which the pod does not have`),
      );
    },
  },
  {
    id: "spread",
    title: "replicas are spread over nodes",
    why: "one node that goes would take all of them",
    fix: "set topologySpreadConstraints",
    severity: "warning",
    on: "pods",
    check: ({ spec }, { object }) => {
      const { replicas = 1 } = (object.spec ?? {}) as { replicas?: number };
      if (!["Deployment", "StatefulSet"].includes(object.kind) || replicas < 2) return [];
      return spec.topologySpreadConstraints?.length || spec.affinity?.podAntiAffinity
        ? []
        : [`nothing keeps its ${replicas} pods on different nodes`];
    },
  },
  {
    id: "isolation",
    title: "a network policy selects every pod",
    why: "anybody in the cluster could reach it",
    fix: "add a NetworkPolicy that admits its callers",
    severity: "error",
    on: "pods",
    check: ({ metadata }, { object, find }) => {
      const selects = ({ spec }: KubernetesObject) =>
        matches((spec as { podSelector?: object } | undefined)?.podSelector ?? {}, metadata?.labels);
      return find(["NetworkPolicy"], object.metadata.namespace, selects)
        ? []
        : ["no network policy selects its pods"];
    },
  },
];
