import { describe, expect, it } from "vitest";
import { resourceMetrics } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { provided, renderPart, theOne } from "../../kit/testing/render-part.ts";
import { metricsServer } from "./part.ts";

const argsOf = (options: Parameters<typeof metricsServer>[0]) => {
  const { template } = theOne(renderPart(metricsServer, { options }), "Deployment").spec as {
    template: { spec: { containers: { args: string[] }[] } };
  };
  return template.spec.containers.flatMap(({ args }) => args);
};

describe("metrics-server", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", renderPart(metricsServer));
  });

  it("checks kubelets' certificates unless told otherwise, and never says both", () => {
    const authority = "--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
    expect(argsOf({})).toContain(authority);
    expect(argsOf({})).not.toContain("--kubelet-insecure-tls");
    expect(argsOf({ kubeletTls: "skip" })).toContain("--kubelet-insecure-tls");
    expect(argsOf({ kubeletTls: "skip" })).not.toContain(authority);
  });

  it("takes its resolution in seconds only", () => {
    expect(argsOf({ resolution: "30s" })).toContain("--metric-resolution=30s");
    expect(() => argsOf({ resolution: "1m" })).toThrow();
  });

  it("reads pods and nodes and nothing else, and lets viewers read what it serves", () => {
    const roles = renderPart(metricsServer).filter(({ kind }) => kind === "ClusterRole") as unknown as {
      metadata: { labels: Record<string, string> };
      rules: { apiGroups: string[]; resources: string[] }[];
    }[];
    const [own, reader] = roles;
    expect(own?.rules.flatMap(({ resources }) => resources)).toEqual(["nodes/metrics", "pods", "nodes"]);
    expect(reader?.rules[0]?.apiGroups).toEqual(["metrics.k8s.io"]);
    for (const role of ["view", "edit", "admin"])
      expect(reader?.metadata.labels[`rbac.authorization.k8s.io/aggregate-to-${role}`]).toBe("true");
  });

  it("registers the API it provides at the Service it makes", () => {
    const objects = renderPart(metricsServer);
    const { metadata, spec } = theOne(objects, "APIService") as unknown as {
      metadata: { name: string };
      spec: { service: { name: string; namespace: string } };
    };
    const { name, namespace } = theOne(objects, "Service").metadata;
    expect(metadata.name).toBe(provided(metricsServer, resourceMetrics).apiService);
    expect(spec.service).toEqual({ name, namespace });
  });
});
