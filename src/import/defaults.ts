/**
 * What the API server fills in where a manifest says nothing, kind by kind: the version of an object without these
 * fields and the one with them are the same object. Proven against a real API server in `src/platform/import-live.system.test.ts`.
 */
import { canonicalQuantity } from "./quantity.ts";
import type { Branch } from "./source.ts";

/** What is known of one level of an object; for a list, of each element. */
export interface Rule {
  /** Fields with the value they have when they are absent. */
  defaults?: Branch;
  fields?: Record<string, Rule>;
  /** What the value of every field becomes, e.g. of quantities by resource name. */
  values?: (value: unknown) => unknown;
  /** Fields that say nothing when they are empty maps. Elsewhere `{}` means something, as in `emptyDir: {}`. */
  empty?: string[];
  /** Defaults that depend on other fields. */
  more?: (level: Branch) => Branch;
}

const quantities: Rule = { values: canonicalQuantity };
const one = (key: string, rule: Rule): Rule => ({ fields: { [key]: rule } });
const quantityFields = (...keys: string[]): Rule => ({
  more: (level) => {
    const own = keys.filter((key) => key in level);
    return { ...level, ...Object.fromEntries(own.map((key) => [key, canonicalQuantity(level[key])])) };
  },
});

const metadata: Rule = { defaults: { creationTimestamp: null }, empty: ["labels", "annotations"] };
const resources: Rule = {
  fields: { requests: quantities, limits: quantities },
  empty: ["requests", "limits"],
};
const handler = one("httpGet", { defaults: { path: "/", scheme: "HTTP" } });
const probe: Rule = {
  defaults: {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    initialDelaySeconds: 0,
  },
  fields: { ...handler.fields, grpc: { defaults: { service: "" } } },
};
const fieldRef: Rule = { defaults: { apiVersion: "v1" } };
const resourceFieldRef: Rule = { defaults: { divisor: "0" }, ...quantityFields("divisor") };

const container: Rule = {
  defaults: {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    stdin: false,
    stdinOnce: false,
    tty: false,
  },
  empty: ["resources"],
  fields: {
    ports: { defaults: { protocol: "TCP" } },
    env: { defaults: { value: "" }, fields: { valueFrom: { fields: { fieldRef, resourceFieldRef } } } },
    resources,
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    lifecycle: { fields: { postStart: handler, preStop: handler } },
    volumeMounts: { defaults: { readOnly: false } },
  },
  more: (level) => without(level, "imagePullPolicy", pullPolicyOf(level.image)),
};

const claimSpec: Rule = { defaults: { volumeMode: "Filesystem" }, fields: { resources } };
const file = { defaults: { defaultMode: 0o644 } };
const downward = { fields: { items: { fields: { fieldRef, resourceFieldRef } } } };
const volume: Rule = {
  fields: {
    secret: file,
    configMap: file,
    downwardAPI: { ...file, ...downward },
    projected: {
      ...file,
      fields: {
        sources: {
          fields: { downwardAPI: downward, serviceAccountToken: { defaults: { expirationSeconds: 3600 } } },
        },
      },
    },
    hostPath: { defaults: { type: "" } },
    emptyDir: quantityFields("sizeLimit"),
    ephemeral: one("volumeClaimTemplate", { fields: { metadata, spec: claimSpec } }),
  },
  more: (level) => (Object.keys(level).length === 1 ? { ...level, emptyDir: {} } : level),
};

const podSpec: Rule = {
  defaults: {
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    schedulerName: "default-scheduler",
    terminationGracePeriodSeconds: 30,
    hostNetwork: false,
    hostPID: false,
    hostIPC: false,
  },
  empty: ["securityContext", "nodeSelector"],
  fields: { containers: container, initContainers: container, volumes: volume, overhead: quantities },
  more: (level) => without(level, "serviceAccount", level.serviceAccountName),
};

const template: Rule = { fields: { metadata, spec: podSpec }, empty: ["metadata"] };
const jobSpec: Rule = {
  defaults: {
    backoffLimit: 6,
    completionMode: "NonIndexed",
    suspend: false,
    podReplacementPolicy: "TerminatingOrFailed",
    parallelism: 1,
  },
  fields: { template },
  more: (level) => without(level, "completions", level.parallelism === undefined ? 1 : undefined),
};

const rolling = (rollingUpdate: Branch): Rule => ({
  defaults: { type: "RollingUpdate" },
  fields: { rollingUpdate: { defaults: rollingUpdate } },
  empty: ["rollingUpdate"],
});

const servicePorts: Rule = {
  defaults: { protocol: "TCP" },
  more: (level) => without(without(level, "targetPort", level.port), "nodePort", 0),
};
const service: Rule = {
  defaults: {
    type: "ClusterIP",
    sessionAffinity: "None",
    internalTrafficPolicy: "Cluster",
    externalTrafficPolicy: "Cluster",
    allocateLoadBalancerNodePorts: true,
    ipFamilyPolicy: "SingleStack",
    publishNotReadyAddresses: false,
  },
  empty: ["selector"],
  fields: { ports: servicePorts },
  more: (level) =>
    without(level, "clusterIPs", level.clusterIP === undefined ? undefined : [level.clusterIP]),
};

const subjects: Rule = {
  more: (level) =>
    without(level, "apiGroup", level.kind === "ServiceAccount" ? "" : "rbac.authorization.k8s.io"),
};
const binding: Rule = {
  fields: { metadata, subjects, roleRef: { defaults: { apiGroup: "rbac.authorization.k8s.io" } } },
};
const inSpec = (spec: Rule): Rule => ({ fields: { metadata, spec } });
const metric: Rule = { fields: { target: quantityFields("averageValue", "value") } };

/** By `group/kind`, without the version. */
export const kindRules: Record<string, Rule> = {
  "apps/Deployment": inSpec({
    defaults: {
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      minReadySeconds: 0,
      paused: false,
    },
    empty: ["strategy"],
    fields: { template, strategy: rolling({ maxSurge: "25%", maxUnavailable: "25%" }) },
  }),
  "apps/StatefulSet": inSpec({
    defaults: {
      replicas: 1,
      revisionHistoryLimit: 10,
      podManagementPolicy: "OrderedReady",
      minReadySeconds: 0,
      serviceName: "",
    },
    empty: ["updateStrategy", "persistentVolumeClaimRetentionPolicy"],
    fields: {
      template,
      updateStrategy: rolling({ partition: 0 }),
      persistentVolumeClaimRetentionPolicy: { defaults: { whenDeleted: "Retain", whenScaled: "Retain" } },
      volumeClaimTemplates: {
        defaults: { apiVersion: "v1", kind: "PersistentVolumeClaim" },
        fields: { metadata, spec: claimSpec },
        more: ({ status: _, ...level }) => level,
      },
    },
  }),
  "apps/DaemonSet": inSpec({
    defaults: { revisionHistoryLimit: 10, minReadySeconds: 0 },
    empty: ["updateStrategy"],
    fields: { template, updateStrategy: rolling({ maxSurge: 0, maxUnavailable: 1 }) },
  }),
  "batch/Job": inSpec(jobSpec),
  "batch/CronJob": inSpec({
    defaults: {
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    },
    fields: { jobTemplate: { fields: { metadata, spec: jobSpec }, empty: ["metadata"] } },
  }),
  "/Pod": inSpec(podSpec),
  "/Service": inSpec(service),
  "/PersistentVolumeClaim": inSpec(claimSpec),
  "/ServiceAccount": { fields: { metadata } },
  "/Namespace": { fields: { metadata }, empty: ["spec"] },
  "/ConfigMap": { fields: { metadata }, empty: ["data", "binaryData"] },
  "autoscaling/HorizontalPodAutoscaler": inSpec({
    defaults: { minReplicas: 1 },
    fields: {
      metrics: {
        fields: {
          resource: metric,
          pods: metric,
          object: metric,
          external: metric,
          containerResource: metric,
        },
      },
    },
  }),
  "policy/PodDisruptionBudget": { fields: { metadata } },
  "networking.k8s.io/Ingress": { fields: { metadata } },
  "networking.k8s.io/NetworkPolicy": inSpec({
    fields: {
      ingress: { fields: { ports: { defaults: { protocol: "TCP" } } } },
      egress: { fields: { ports: { defaults: { protocol: "TCP" } } } },
    },
    more: (level) =>
      without(level, "policyTypes", level.egress === undefined ? ["Ingress"] : ["Ingress", "Egress"]),
  }),
  "rbac.authorization.k8s.io/Role": { fields: { metadata } },
  "rbac.authorization.k8s.io/ClusterRole": { fields: { metadata } },
  "rbac.authorization.k8s.io/RoleBinding": binding,
  "rbac.authorization.k8s.io/ClusterRoleBinding": binding,
  "storage.k8s.io/StorageClass": {
    defaults: { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" },
    fields: { metadata },
  },
  "scheduling.k8s.io/PriorityClass": {
    defaults: { preemptionPolicy: "PreemptLowerPriority", globalDefault: false },
    fields: { metadata },
  },
};

/** The level without a field whose value is the one it would have anyway. */
function without(level: Branch, key: string, value: unknown): Branch {
  if (value === undefined || JSON.stringify(level[key]) !== JSON.stringify(value)) return level;
  const { [key]: _, ...rest } = level;
  return rest;
}

function pullPolicyOf(image: unknown): string {
  const versioned = typeof image === "string" && /@|:(?!latest$)[^/:]+$/.test(image);
  return versioned ? "IfNotPresent" : "Always";
}
