import { describe, expect, it } from "vitest";
import { patchObject } from "../compile/adjust.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { diffObjects } from "./diff-patch.ts";
import { equalObjects } from "./normal-form.ts";

const deployment = (containers: object[], more: object = {}, name = "cart"): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "shop" },
  spec: { template: { spec: { containers, ...more } } },
});
const patchOf = (from: KubernetesObject, to: KubernetesObject) => {
  const patch = diffObjects(from, to);
  if (patch) expect(equalObjects(patchObject(from, patch) as KubernetesObject, to)).toBe(true);
  return patch;
};
const inPod = (patch: unknown) => ({ spec: { template: { spec: patch } } });

describe("the patch between two objects", () => {
  it("is nothing where they are the same to the API server", () => {
    const a = deployment([{ name: "cart", image: "cart:1", imagePullPolicy: "IfNotPresent" }]);
    expect(
      patchOf(a, deployment([{ name: "cart", image: "cart:1" }], { restartPolicy: "Always" })),
    ).toBeUndefined();
  });

  it("renames the container and leaves its image where it was said", () => {
    const from = deployment([{ name: "cart", image: "cart:1", securityContext: { privileged: false } }]);
    expect(patchOf(from, deployment([{ name: "server", image: "cart:1" }]))).toEqual(
      inPod({ containers: { "*": { name: "server", securityContext: null } } }),
    );
  });

  it("adds containers beside, and says their order where it differs", () => {
    const from = deployment([{ name: "cart", image: "cart:1" }]);
    const proxy = { name: "proxy", image: "envoy:1" };
    expect(patchOf(from, deployment([{ name: "cart", image: "cart:1" }, proxy]))).toEqual(
      inPod({ containers: { proxy: { image: "envoy:1" } } }),
    );
    expect(patchOf(from, deployment([proxy, { name: "cart", image: "cart:1" }]))).toEqual(
      inPod({ containers: { proxy: { image: "envoy:1" }, $order: ["proxy", "cart"] } }),
    );
  });

  it("keeps the order of variables, which refer to earlier ones", () => {
    const env = (...names: string[]) => names.map((name) => ({ name, value: name }));
    const from = deployment([{ name: "cart", image: "cart:1", env: env("A", "B", "X") }]);
    expect(patchOf(from, deployment([{ name: "cart", image: "cart:1", env: env("B", "A") }]))).toEqual(
      inPod({ containers: { "*": { env: { X: null, $order: ["B", "A"] } } } }),
    );
  });

  it("pairs ports by number where names differ, mounts by path", () => {
    const from = deployment([
      { name: "cart", image: "cart:1", ports: [{ name: "grpc", containerPort: 7070 }] },
    ]);
    const to = deployment([{ name: "cart", image: "cart:1", ports: [{ containerPort: 7070 }] }]);
    expect(patchOf(from, to)).toEqual(inPod({ containers: { "*": { ports: { grpc: { name: null } } } } }));
  });

  it("replaces lists that nothing tells apart", () => {
    const from = deployment([{ name: "cart", image: "cart:1", args: ["a"] }]);
    expect(patchOf(from, deployment([{ name: "cart", image: "cart:1", args: ["b", "c"] }]))).toEqual(
      inPod({ containers: { "*": { args: ["b", "c"] } } }),
    );
  });

  it("makes another kind and name of an object", () => {
    const from = deployment([{ name: "cart", image: "cart:1" }]);
    const to = { ...deployment([{ name: "cart", image: "cart:1" }], {}, "cart-v1"), kind: "StatefulSet" };
    expect(patchOf(from, to)).toEqual({ kind: "StatefulSet", metadata: { name: "cart-v1" } });
  });
});
