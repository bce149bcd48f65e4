import { describe, expect, it } from "vitest";
import { judgeBundle } from "../compile/policies/judge.ts";
import { podTemplateOf } from "../compile/policies/policy.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { validateObject } from "../schema/validate.ts";
import { type Owner, partLabel } from "./labels.ts";
import type { AppPort } from "./placed-app.ts";
import type { ContainerSpec } from "./pod.ts";
import {
  configMap,
  disruptionBudget,
  headlessService,
  service,
  type WorkloadSpec,
  workload,
} from "./workload.ts";

const owner: Owner = { label: partLabel, name: "sample" };
const container: ContainerSpec = {
  name: "main",
  image: "registry.example.com/main:1.0.0",
  ports: [{ name: "http", port: 8080, protocol: "http" }],
  resources: { cpu: "50m", memory: "64Mi" },
  probes: { liveness: { tcpSocket: { port: "http" } }, readiness: { tcpSocket: { port: "http" } } },
};
const spec = (more: Partial<WorkloadSpec> = {}): WorkloadSpec => ({
  kind: "Deployment",
  name: "sample",
  namespace: "sample",
  owner,
  pod: { serviceAccount: "sample", containers: [container] },
  ...more,
});

/** What a workload alone breaks; what isolates its pods, names them and bounds their absence is made beside it. */
const brokenBy = (object: KubernetesObject) =>
  judgeBundle(
    { kind: "part", owner: "sample", objects: [object] },
    { domain: "localhost", objects: () => [] },
  )
    .map(({ policy }) => policy.id)
    .filter((id) => !["isolation", "stateful-service", "budget", "spread"].includes(id));

describe("workload", () => {
  it.each(["Deployment", "StatefulSet", "DaemonSet"] as const)("makes a %s that breaks no rule", (kind) => {
    const object = workload(spec({ kind, replicas: 2 }));
    expect(validateObject(object, { kubernetes: "1.36", requireNamespace: true })).toEqual([]);
    expect(brokenBy(object)).toEqual([]);
  });

  it("holds init containers to the same rules", () => {
    const object = workload(
      spec({ pod: { serviceAccount: "s", containers: [container], initContainers: [container] } }),
    );
    const pod = podTemplateOf(object);
    expect(pod?.spec.initContainers).toHaveLength(1);
    expect(brokenBy(object)).toEqual([]);
  });

  it("leaves replicas out where somebody else drives them", () => {
    expect(workload(spec()).spec).not.toHaveProperty("replicas");
    expect(workload(spec({ replicas: 1 })).spec).toHaveProperty("replicas", 1);
    expect(workload(spec({ kind: "DaemonSet", replicas: 3 })).spec).not.toHaveProperty("replicas");
  });

  it("selects by one label, which the pods have beside their owner's", () => {
    const { selector, template } = workload(spec({ name: "second" })).spec as {
      selector: { matchLabels: object };
      template: { metadata: { labels: object } };
    };
    expect(selector.matchLabels).toEqual({ "app.kubernetes.io/name": "second" });
    expect(template.metadata.labels).toMatchObject({ ...selector.matchLabels, [partLabel]: "sample" });
  });

  it("never has fewer pods during a rollout, unless the workload says so", () => {
    const strategyOf = (more: Partial<WorkloadSpec>) =>
      (workload(spec(more)).spec as { strategy?: unknown }).strategy;
    expect(strategyOf({})).toMatchObject({ rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    expect(strategyOf({ strategy: { type: "Recreate" } })).toEqual({ type: "Recreate" });
    expect(strategyOf({ kind: "StatefulSet" })).toBeUndefined();
  });

  it("limits memory to twice the request unless told, and never CPU", () => {
    const limits = (resources: ContainerSpec["resources"]) => {
      const pod = { serviceAccount: "s", containers: [{ ...container, resources }] };
      return podTemplateOf(workload(spec({ pod })))?.spec.containers[0]?.resources?.limits;
    };
    expect(limits({ cpu: "50m", memory: "64Mi" })).toEqual({ memory: "128Mi" });
    expect(limits({ cpu: "50m", memory: "1.5Gi" })).toEqual({ memory: "3Gi" });
    expect(limits({ cpu: "50m", memory: "64Mi", memoryLimit: "1Gi" })).toEqual({ memory: "1Gi" });
  });

  it("mounts the API's token only where it is asked for", () => {
    const mounted = (apiAccess?: boolean) => {
      const pod = { serviceAccount: "s", containers: [container], ...(apiAccess && { apiAccess }) };
      return podTemplateOf(workload(spec({ pod })))?.spec.automountServiceAccountToken;
    };
    expect([mounted(), mounted(true)]).toEqual([false, true]);
  });
});

describe("service", () => {
  it("targets ports by name and says what is spoken on them", () => {
    const object = service({
      name: "sample",
      namespace: "sample",
      owner,
      ports: [
        { name: "http", port: 8080, protocol: "http" },
        { name: "grpc", port: 50051, protocol: "grpc" },
        { name: "redis", port: 6379, protocol: "tcp" },
      ],
    });
    expect(validateObject(object, { kubernetes: "1.36" })).toEqual([]);
    const { ports } = object.spec as { ports: { targetPort: string; appProtocol?: string }[] };
    expect(ports.map(({ targetPort, appProtocol }) => [targetPort, appProtocol])).toEqual([
      ["http", "http"],
      ["grpc", "kubernetes.io/h2c"],
      ["redis", undefined],
    ]);
  });
});

it("budgets disruptions by the owner's constant label, which no canary controller rewrites", () => {
  const object = disruptionBudget("sample", "sample", owner, 1);
  expect(validateObject(object, { kubernetes: "1.36" })).toEqual([]);
  expect(object.spec).toEqual({
    maxUnavailable: 1,
    selector: { matchLabels: { [partLabel]: "sample" } },
    unhealthyPodEvictionPolicy: "AlwaysAllow",
  });
});

describe("headlessService", () => {
  const ports: AppPort[] = [{ name: "redis", port: 6379, protocol: "tcp" }];

  it("is the one the StatefulSet names, and gives names to pods that are not ready", () => {
    const object = headlessService({ name: "sample", namespace: "sample", owner, ports });
    expect(validateObject(object, { kubernetes: "1.36" })).toEqual([]);
    expect(workload(spec({ kind: "StatefulSet" })).spec).toMatchObject({ serviceName: object.metadata.name });
    expect(object.metadata.name).toBe("sample-pods");
    expect(object.spec).toMatchObject({
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: { "app.kubernetes.io/name": "sample" },
      ports: [{ name: "redis", port: 6379, targetPort: "redis" }],
    });
  });

  it("needs no ports", () => {
    const object = headlessService({ name: "sample", namespace: "sample", owner, ports: [] });
    expect(validateObject(object, { kubernetes: "1.36" })).toEqual([]);
    expect(object.spec).not.toHaveProperty("ports");
  });
});

it("labels a ConfigMap by its owner, as its own name may be longer than a label", () => {
  const object = configMap(`${"a".repeat(50)}-config-01234567`, "sample", owner, {});
  expect(object.metadata.labels).toMatchObject({ "app.kubernetes.io/name": "sample" });
});
