/** Each row of the table of immutable fields, against the API server that would refuse it. */
import { describe, expect, test } from "vitest";
import { hasApiServer } from "../cluster/testing/api-server.ts";
import { useApiServer } from "../cluster/testing/use-api-server.ts";
import { mergePatch } from "../model/merge-patch.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { LandfallError } from "../util/errors.ts";
import { fieldChanges } from "./fields.ts";
import { immutableChanges, immutableFields } from "./immutable.ts";

const labels = { app: "x" };
const template = { metadata: { labels }, spec: { containers: [{ name: "x", image: "x:1" }] } };
const selector = { matchLabels: labels };
const object = (apiVersion: string, kind: string, rest: object): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name: "x", namespace: "default" },
  ...rest,
});
const cluster = (apiVersion: string, kind: string, rest: object): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name: kind.toLowerCase() },
  ...rest,
});
const claim = (storage: string) => ({
  accessModes: ["ReadWriteOnce"],
  storageClassName: "grows",
  resources: { requests: { storage } },
});
const other = { matchLabels: { app: "y" } };
const otherPod = { selector: other, template: { metadata: { labels: { app: "y" } } } };
const set = object("apps/v1", "StatefulSet", {
  spec: {
    selector,
    template,
    serviceName: "x",
    volumeClaimTemplates: [{ metadata: { name: "data" }, spec: claim("1Gi") }],
  },
});
const deployment = object("apps/v1", "Deployment", { spec: { selector, template } });
const pvc = object("v1", "PersistentVolumeClaim", { spec: claim("1Gi") });
const job = object("batch/v1", "Job", {
  spec: { completions: 1, template: { spec: { ...template.spec, restartPolicy: "Never" } } },
});
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
const storageClass = cluster("storage.k8s.io/v1", "StorageClass", {
  provisioner: "example.com/x",
  parameters: { type: "a" },
  reclaimPolicy: "Retain",
  volumeBindingMode: "Immediate",
});
const crd: KubernetesObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "Thing", plural: "things" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};

/** What cannot be changed: the object, the change, and the field it is refused for. */
const refused: [field: string, object: KubernetesObject, patch: object][] = [
  ["spec.selector", deployment, { spec: otherPod }],
  ["spec.selector", object("apps/v1", "DaemonSet", { spec: { selector, template } }), { spec: otherPod }],
  ["spec.selector", set, { spec: otherPod }],
  ["spec.serviceName", set, { spec: { serviceName: "y" } }],
  ["spec.podManagementPolicy", set, { spec: { podManagementPolicy: "Parallel" } }],
  [
    "spec.volumeClaimTemplates",
    set,
    { spec: { volumeClaimTemplates: [{ metadata: { name: "data" }, spec: claim("2Gi") }] } },
  ],
  ["spec.template", job, { spec: { template: { spec: { containers: [{ name: "x", image: "x:2" }] } } } }],
  ["spec.selector", job, { spec: { manualSelector: true, selector: other } }],
  ["spec.completionMode", job, { spec: { completionMode: "Indexed" } }],
  [
    "spec.clusterIP",
    object("v1", "Service", { spec: { clusterIP: "10.96.0.77", ports: [{ port: 80 }] } }),
    { spec: { clusterIP: "None" } },
  ],
  ["spec", pvc, { spec: { accessModes: ["ReadWriteMany"] } }],
  ["spec", pvc, { spec: { storageClassName: "other" } }],
  ["spec", pvc, { spec: { resources: { requests: { storage: "512Mi" } } } }],
  [
    "roleRef",
    object("rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef, subjects: [] }),
    { roleRef: { name: "edit" } },
  ],
  [
    "roleRef",
    cluster("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", { roleRef, subjects: [] }),
    { roleRef: { name: "edit" } },
  ],
  ["provisioner", storageClass, { provisioner: "example.com/y" }],
  ["parameters", storageClass, { parameters: { type: "b" } }],
  ["reclaimPolicy", storageClass, { reclaimPolicy: "Delete" }],
  ["volumeBindingMode", storageClass, { volumeBindingMode: "WaitForFirstConsumer" }],
  ["type", object("v1", "Secret", { type: "Opaque", stringData: { a: "b" } }), { type: "example.com/other" }],
  ["data", object("v1", "ConfigMap", { immutable: true, data: { a: "b" } }), { data: { a: "c" } }],
  [
    "spec.controller",
    cluster("networking.k8s.io/v1", "IngressClass", { spec: { controller: "example.com/a" } }),
    { spec: { controller: "example.com/b" } },
  ],
  ["value", cluster("scheduling.k8s.io/v1", "PriorityClass", { value: 10 }), { value: 20 }],
  ["handler", cluster("node.k8s.io/v1", "RuntimeClass", { handler: "a" }), { handler: "b" }],
  ["spec.scope", crd, { spec: { scope: "Cluster" } }],
];

/** What looks alike and may be changed. */
const accepted: [what: string, object: KubernetesObject, patch: object][] = [
  [
    "a StatefulSet's template and replicas",
    set,
    { spec: { replicas: 3, template: { metadata: { annotations: { a: "b" } } } } },
  ],
  ["a Job's parallelism", job, { spec: { parallelism: 2 } }],
  [
    "a cluster IP that is no longer named",
    object("v1", "Service", { spec: { clusterIP: "10.96.0.78", ports: [{ port: 80 }] } }),
    { spec: { clusterIP: null } },
  ],
  [
    "who a role is bound to",
    object("rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef, subjects: [] }),
    { subjects: [{ kind: "ServiceAccount", name: "x", namespace: "default" }] },
  ],
  ["a StorageClass that lets volumes grow", storageClass, { allowVolumeExpansion: true }],
];

describe.skipIf(!hasApiServer())("immutable fields", { timeout: 300_000 }, () => {
  const api = useApiServer();

  // The condition is there from the start, and False until the names are taken.
  const established = (crd: KubernetesObject) =>
    expect
      .poll(() => api.client.get(crd, crd.metadata.name), { timeout: 60_000 })
      .toMatchObject({
        status: {
          conditions: expect.arrayContaining([
            expect.objectContaining({ type: "Established", status: "True" }),
          ]),
        },
      });
  /** The object stored anew, and the server's answer to the change. */
  const answer = async (before: KubernetesObject, after: KubernetesObject) => {
    await api.client.remove(before, before.metadata.name, before.metadata.namespace);
    await api.client.apply(before);
    if (before.kind === "CustomResourceDefinition") await established(before);
    return api.client.dryRun(after, { force: true }).then(
      () => "accepted",
      (error) => (error instanceof LandfallError ? JSON.stringify(error.problems) : Promise.reject(error)),
    );
  };

  test("every row has a case", () => {
    for (const { kinds, field } of immutableFields.filter(({ kinds }) => !kinds.includes("apps/ReplicaSet")))
      for (const kind of kinds)
        expect(
          refused.some(([at, { kind: of }]) => at === field && kind.endsWith(of)),
          `${kind} ${field}`,
        ).toBe(true);
  });

  test.each(
    refused.map(([field, before, patch]) => [`${before.kind} ${field}`, field, before, patch] as const),
  )("%s is refused", async (_, field, before, patch) => {
    const after = mergePatch(before, patch) as KubernetesObject;
    expect(await answer(before, after)).toMatch(
      /LF6002.*(immutable|[Ff]orbidden|may not change|cannot change)/s,
    );
    const found = immutableChanges(before, fieldChanges(before, after), before.immutable === true);
    expect(found.map((change) => change.field)).toContain(field);
  });

  test.each(accepted)("%s may change", async (_, before, patch) => {
    const after = mergePatch(before, patch) as KubernetesObject;
    expect(await answer(before, after)).toBe("accepted");
    expect(immutableChanges(before, fieldChanges(before, after))).toEqual([]);
  });
});
