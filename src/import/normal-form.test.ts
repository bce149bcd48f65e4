import { describe, expect, it } from "vitest";
import type { KubernetesObject } from "../schema/object.ts";
import { equalObjects } from "./normal-form.ts";
import { canonicalQuantity } from "./quantity.ts";

type Change = (pod: Record<string, unknown>, spec: Record<string, unknown>) => void;
const deployment = (change: Change = () => undefined): KubernetesObject => {
  const container = {
    name: "a",
    image: "a:1",
    env: [
      { name: "X", value: "1" },
      { name: "Y", value: "2" },
    ],
    args: ["--x"],
  };
  const pod = { containers: [container], volumes: [{ name: "v", secret: { secretName: "s" } }] };
  const spec = {
    replicas: 1,
    selector: { matchLabels: { app: "a" } },
    template: { metadata: { labels: { app: "a" } }, spec: pod },
  };
  change(pod, spec);
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a", namespace: "s" }, spec };
};
const container = (pod: Record<string, unknown>) =>
  (pod.containers as Record<string, unknown>[])[0] as Record<string, unknown>;
const object = (kind: string, spec: object, apiVersion = "v1"): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name: "a" },
  spec,
});

describe("objects are the same", () => {
  const same: [string, Change][] = [
    ["with the replicas there would be anyway", (_, spec) => delete spec.replicas],
    [
      "with the strategy spelled out",
      (_, spec) =>
        Object.assign(spec, {
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
        }),
    ],
    [
      "with policies of the container spelled out",
      (pod) =>
        Object.assign(container(pod), {
          imagePullPolicy: "IfNotPresent",
          terminationMessagePolicy: "File",
          resources: {},
        }),
    ],
    [
      "with the pod's defaults spelled out",
      (pod) =>
        Object.assign(pod, {
          restartPolicy: "Always",
          dnsPolicy: "ClusterFirst",
          securityContext: {},
          hostNetwork: false,
        }),
    ],
    [
      "with the mode of a secret's files",
      (pod) =>
        Object.assign(pod, { volumes: [{ name: "v", secret: { secretName: "s", defaultMode: 0o644 } }] }),
    ],
    [
      "with nothing written as null and empty lists",
      (pod) => Object.assign(pod, { initContainers: [], nodeSelector: null, tolerations: [] }),
    ],
    [
      "with keys in another order",
      (_, spec) =>
        Object.assign(spec, {
          template: { spec: (spec.template as { spec: object }).spec, metadata: { labels: { app: "a" } } },
        }),
    ],
  ];
  it.each(same)("%s", (_, change) => {
    expect(equalObjects(deployment(), deployment(change))).toBe(true);
  });

  it("whatever the server wrote into metadata and status", () => {
    const live = deployment();
    Object.assign(live.metadata, {
      uid: "1",
      resourceVersion: "2",
      generation: 3,
      creationTimestamp: "x",
      managedFields: [],
      labels: {},
    });
    expect(equalObjects({ ...live, status: { replicas: 1 } }, deployment())).toBe(true);
  });

  it("with quantities in another spelling, and a target port that is the port", () => {
    const claim = (storage: unknown, more = {}) =>
      object("PersistentVolumeClaim", {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage } },
        ...more,
      });
    expect(equalObjects(claim("1Gi"), claim("1024Mi", { volumeMode: "Filesystem" }))).toBe(true);
    const service = (port: object) => object("Service", { selector: { a: "b" }, ports: [port] });
    expect(equalObjects(service({ port: 80 }), service({ port: 80, targetPort: 80, protocol: "TCP" }))).toBe(
      true,
    );
  });
});

describe("objects differ", () => {
  const different: [string, Change][] = [
    ["in their number", (_, spec) => Object.assign(spec, { replicas: 2 })],
    [
      "in the order of variables",
      (pod) =>
        Object.assign(container(pod), {
          env: [
            { name: "Y", value: "2" },
            { name: "X", value: "1" },
          ],
        }),
    ],
    ["in the order of arguments", (pod) => Object.assign(container(pod), { args: ["--x", "--y"] })],
    [
      "in a variable's type",
      (pod) =>
        Object.assign(container(pod), {
          env: [
            { name: "X", value: 1 },
            { name: "Y", value: "2" },
          ],
        }),
    ],
    [
      "in a pull policy that is not the image's",
      (pod) => Object.assign(container(pod), { imagePullPolicy: "Always" }),
    ],
    [
      "in a file's mode",
      (pod) =>
        Object.assign(pod, { volumes: [{ name: "v", secret: { secretName: "s", defaultMode: 0o400 } }] }),
    ],
    [
      "in an empty security context of a container, which the server keeps",
      (pod) => Object.assign(container(pod), { securityContext: {} }),
    ],
    [
      "in service links, which a template does not default",
      (pod) => Object.assign(pod, { enableServiceLinks: true }),
    ],
    ["in a label", (_, spec) => Object.assign(spec, { selector: { matchLabels: { app: "b" } } })],
    ["in the strategy", (_, spec) => Object.assign(spec, { strategy: { type: "Recreate" } })],
    ["in an added container", (pod) => (pod.containers as object[]).push({ name: "b", image: "b:1" })],
  ];
  it.each(different)("%s", (_, change) => {
    expect(equalObjects(deployment(), deployment(change))).toBe(false);
  });

  it("in a port's name and number, which are two things", () => {
    const service = (targetPort: unknown) => object("Service", { ports: [{ port: 80, targetPort }] });
    expect(equalObjects(service("8080"), service(8080))).toBe(false);
  });

  it("in an emptyDir that is there and one that is not, and in a headless Service", () => {
    expect(
      equalObjects(
        deployment((pod) => Object.assign(pod, { volumes: [] })),
        deployment((pod) => Object.assign(pod, { volumes: [{ name: "v", emptyDir: {} }] })),
      ),
    ).toBe(false);
    expect(equalObjects(object("Service", { clusterIP: "None" }), object("Service", {}))).toBe(false);
  });

  it("in custom resources by every null and empty list: nobody knows what these mean", () => {
    const custom = (spec: object) => object("Widget", spec, "acme.io/v1");
    expect(equalObjects(custom({ a: [] }), custom({}))).toBe(false);
    expect(equalObjects(custom({ a: null }), custom({}))).toBe(false);
    expect(equalObjects(custom({ replicas: 1 }), custom({}))).toBe(false);
  });

  it("in their identity", () => {
    const other = deployment();
    other.metadata.namespace = "t";
    expect(equalObjects(deployment(), other)).toBe(false);
    expect(equalObjects(deployment(), { ...deployment(), kind: "StatefulSet" })).toBe(false);
  });
});

it.each([
  ["1000m", "1"],
  [1, "1"],
  ["0.5", "500m"],
  ["1024Mi", "1Gi"],
  ["1536Mi", "1536Mi"],
  ["1.5Gi", "1536Mi"],
  ["128974848", "123Mi"],
  ["1e3", "1k"],
  ["1E3", "1k"],
  ["100M", "100M"],
  ["0", "0"],
  ["0.0000000001", "1n"],
  ["-1", "-1"],
  ["much", "much"],
  ["", ""],
  [true, true],
])("the quantity %s is %s", (value, canonical) => {
  expect(canonicalQuantity(value)).toBe(canonical);
});
