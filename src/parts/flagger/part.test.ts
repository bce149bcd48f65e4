import { describe, expect, it } from "vitest";
import { gatewayApi, metricsStore, progressiveDelivery } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { provided, renderPart, theOne } from "../../kit/testing/render-part.ts";
import { samples } from "../../kit/testing/samples.ts";
import { flagger } from "./part.ts";

const argsOf = (logLevel?: "debug") => {
  const objects = renderPart(flagger, { options: { ...(logLevel && { logLevel }) } });
  const { template } = theOne(objects, "Deployment").spec as {
    template: { spec: { containers: { args: string[] }[] } };
  };
  return template.spec.containers.flatMap(({ args }) => args);
};

describe("flagger", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", renderPart(flagger));
  });

  it("asks the store that the cluster has, and drives the routes it says it drives", () => {
    const store = samples.get(metricsStore.id) as { url: string };
    expect(argsOf()).toContain(`-metrics-server=${store.url}`);
    expect(argsOf()).toContain(`-mesh-provider=${provided(flagger, progressiveDelivery).provider}`);
    expect(argsOf("debug")).toContain("-log-level=debug");
  });

  it("is never there twice, which would move weights twice", () => {
    const { replicas, strategy } = theOne(renderPart(flagger), "Deployment").spec as Record<string, unknown>;
    expect({ replicas, strategy }).toEqual({ replicas: 1, strategy: { type: "Recreate" } });
  });

  it.each([gatewayApi, metricsStore])("cannot do without $id", (token) => {
    expect(() => renderPart(flagger, { without: [token] })).toThrow(token.id);
  });
});
