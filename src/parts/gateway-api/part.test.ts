import { describe, expect, it } from "vitest";
import { expectGolden } from "../../kit/testing/golden.ts";
import { renderPart } from "../../kit/testing/render-part.ts";
import { gatewayApiCrds } from "./part.ts";

describe("gateway-api", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", renderPart(gatewayApiCrds));
  });

  it("brings every kind that landfall emits", () => {
    const kinds = renderPart(gatewayApiCrds).map(
      ({ spec }) => (spec as { names?: { kind: string } }).names?.kind,
    );
    for (const kind of ["GatewayClass", "Gateway", "HTTPRoute", "GRPCRoute", "ReferenceGrant"])
      expect(kinds).toContain(kind);
  });

  it("says of every custom resource that it is of the standard channel", () => {
    for (const { kind, metadata } of renderPart(gatewayApiCrds)) {
      if (kind !== "CustomResourceDefinition") continue;
      expect(metadata.annotations?.["gateway.networking.k8s.io/channel"]).toBe("standard");
    }
  });
});
