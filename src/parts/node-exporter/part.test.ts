import { describe, expect, it } from "vitest";
import { metricsStore } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { renderPart, theOne } from "../../kit/testing/render-part.ts";
import { nodeExporter } from "./part.ts";

interface Pod {
  hostNetwork: boolean;
  containers: { volumeMounts: { name: string; readOnly?: boolean; mountPropagation?: string }[] }[];
  volumes: { name: string; hostPath?: { path: string } }[];
}
const podIn = () =>
  (theOne(renderPart(nodeExporter), "DaemonSet").spec as { template: { spec: Pod } }).template.spec;

describe("node-exporter", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", renderPart(nodeExporter));
  });

  it("mounts everything of the node read-only", () => {
    const mounts = podIn().containers.flatMap(({ volumeMounts }) => volumeMounts);
    const ofNode = podIn().volumes.filter(({ hostPath }) => hostPath);
    expect(ofNode.length).toBeGreaterThan(0);
    for (const { name } of ofNode) expect(mounts.find((mount) => mount.name === name)?.readOnly).toBe(true);
  });

  it("sees file systems that are mounted later", () => {
    const root = podIn().containers[0]?.volumeMounts.find(({ name }) => name === "root");
    expect(root?.mountPropagation).toBe("HostToContainer");
  });

  it("listens, is scraped and is let through on the port it is told", () => {
    const objects = renderPart(nodeExporter, { options: { port: 19100 } });
    const { template } = theOne(objects, "DaemonSet").spec as {
      template: {
        metadata: { annotations: Record<string, string> };
        spec: { containers: { args: string[]; ports: { containerPort: number }[] }[] };
      };
    };
    expect(template.metadata.annotations["landfall.dev/metrics-port"]).toBe("19100");
    expect(template.spec.containers[0]?.args).toContain("--web.listen-address=:19100");
    expect(template.spec.containers[0]?.ports[0]?.containerPort).toBe(19100);
    const { ingress } = theOne(objects, "NetworkPolicy").spec as { ingress: { ports: { port: number }[] }[] };
    expect(ingress[0]?.ports).toEqual([{ port: 19100, protocol: "TCP" }]);
  });

  it("is open to the metrics store only, and without one to nobody", () => {
    const ingress = (without: (typeof metricsStore)[]) =>
      (theOne(renderPart(nodeExporter, { without }), "NetworkPolicy").spec as { ingress: unknown[] }).ingress;
    expect(ingress([])).toHaveLength(1);
    expect(ingress([metricsStore])).toEqual([]);
  });
});
