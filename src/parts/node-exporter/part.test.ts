import { describe, expect, it } from "vitest";
import { metricsStore } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { renderPart, theOne } from "../../kit/testing/render-part.ts";
import { nodeExporter } from "./part.ts";

interface Pod {
  hostNetwork: boolean;
  containers: { volumeMounts: { name: string; readOnly?: boolean }[] }[];
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

  it("is open to the metrics store only, and without one to nobody", () => {
    const ingress = (without: (typeof metricsStore)[]) =>
      (theOne(renderPart(nodeExporter, { without }), "NetworkPolicy").spec as { ingress: unknown[] }).ingress;
    expect(ingress([])).toHaveLength(1);
    expect(ingress([metricsStore])).toEqual([]);
  });
});
