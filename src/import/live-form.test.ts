import { describe, expect, it } from "vitest";
import type { KubernetesObject } from "../schema/object.ts";
import { isMadeByPeople, liveForms } from "./live-form.ts";

const live = (apiVersion: string, kind: string, metadata: object, rest: object = {}): KubernetesObject => ({
  apiVersion,
  kind,
  ...rest,
  metadata: {
    name: "a",
    namespace: "shop",
    uid: "1",
    resourceVersion: "9",
    creationTimestamp: "x",
    ...metadata,
  },
});
const form = (...objects: KubernetesObject[]) => liveForms(objects, "prod").map(({ object }) => object);
const applied = (spec: object) => ({
  annotations: { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ spec }) },
});

describe("what people made", () => {
  it.each([
    live("apps/v1", "ReplicaSet", {}),
    live("v1", "Pod", { ownerReferences: [{ kind: "ReplicaSet" }] }),
    live("v1", "ConfigMap", { name: "kube-root-ca.crt" }),
    live("v1", "ServiceAccount", { name: "default" }),
    live("v1", "Service", { name: "kubernetes", namespace: "default" }),
    live("v1", "Namespace", { name: "kube-system", namespace: undefined }),
    live("v1", "ConfigMap", { namespace: "kube-system" }),
    live("discovery.k8s.io/v1", "EndpointSlice", {}),
    live("v1", "Secret", {}, { type: "helm.sh/release.v1" }),
    live("rbac.authorization.k8s.io/v1", "ClusterRole", { name: "system:node", namespace: undefined }),
    live("rbac.authorization.k8s.io/v1", "ClusterRole", {
      name: "edit",
      labels: { "kubernetes.io/bootstrapping": "rbac-defaults" },
    }),
  ])("is not $kind $metadata.namespace/$metadata.name", (object) => {
    expect(isMadeByPeople(object)).toBe(false);
  });

  it.each([
    live("v1", "ConfigMap", {}),
    live("v1", "Pod", {}),
    live("v1", "ServiceAccount", {}),
    live("acme.io/v1", "Widget", {}),
    live("v1", "Secret", {}, { type: "Opaque" }),
  ])("is $kind $metadata.name", (object) => {
    expect(isMadeByPeople(object)).toBe(true);
  });
});

describe("a live object as it would be written", () => {
  it("has no addresses but those that were asked for", () => {
    const spec = {
      clusterIP: "10.0.0.7",
      clusterIPs: ["10.0.0.7"],
      ipFamilies: ["IPv4"],
      type: "NodePort",
      selector: { a: "b" },
    };
    const ports = [{ port: 80, targetPort: 80, protocol: "TCP", nodePort: 31234 }];
    const service = (metadata: object) => live("v1", "Service", metadata, { spec: { ...spec, ports } });
    const told = { ports: [{ port: 80 }] };
    expect(form(service(applied(told)))[0]?.spec).toEqual({
      type: "NodePort",
      selector: { a: "b" },
      ports: [{ port: 80 }],
    });
    const fixed = { clusterIP: "10.0.0.7", ports: [{ port: 80, nodePort: 31234 }] };
    expect(form(service(applied(fixed)))[0]?.spec).toMatchObject(fixed);
    // Nobody tells: the port that clients may know stays.
    expect(form(service({}))[0]?.spec).toMatchObject({ ports: [{ port: 80, nodePort: 31234 }] });
    const headless = live("v1", "Service", {}, { spec: { clusterIP: "None", clusterIPs: ["None"], ports } });
    expect(form(headless)[0]?.spec).toMatchObject({ clusterIP: "None" });
  });

  it("has no replicas where an autoscaler sets them, unless they were asked for", () => {
    const hpa = live(
      "autoscaling/v2",
      "HorizontalPodAutoscaler",
      {},
      { spec: { scaleTargetRef: { kind: "Deployment", name: "a" }, maxReplicas: 9 } },
    );
    const deployment = (metadata: object) =>
      live("apps/v1", "Deployment", metadata, { spec: { replicas: 7, selector: {}, template: {} } });
    expect(form(deployment({}), hpa)[0]?.spec).not.toHaveProperty("replicas");
    expect(form(deployment(applied({ replicas: 2 })), hpa)[0]?.spec).toMatchObject({ replicas: 7 });
    expect(form(deployment({}))[0]?.spec).toMatchObject({ replicas: 7 });
  });

  it("has no traces of controllers and clients", () => {
    const claim = live(
      "v1",
      "PersistentVolumeClaim",
      {
        finalizers: ["kubernetes.io/pvc-protection"],
        annotations: {
          "pv.kubernetes.io/bind-completed": "yes",
          "volume.kubernetes.io/storage-provisioner": "x",
          mine: "stays",
        },
      },
      {
        spec: { volumeName: "pvc-1", storageClassName: "fast", volumeMode: "Filesystem" },
        status: { phase: "Bound" },
      },
    );
    expect(form(claim)[0]).toEqual({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "a", namespace: "shop", annotations: { mine: "stays" } },
      spec: { storageClassName: "fast" },
    });
    const labels = { app: "j", "controller-uid": "1", "batch.kubernetes.io/job-name": "a" };
    const job = live(
      "batch/v1",
      "Job",
      {},
      { spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: {} } } },
    );
    expect(form(job)[0]?.spec).toEqual({ template: { metadata: { labels: { app: "j" } }, spec: {} } });
  });
});
