import { describe, expect, it } from "vitest";
import type { KubernetesObject } from "../schema/object.ts";
import { adjustObjects, listKey, patchObject } from "./adjust.ts";

const deployment: KubernetesObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop", labels: { a: "1", b: "2" } },
  spec: {
    replicas: 1,
    template: {
      spec: {
        containers: [
          {
            name: "web",
            image: "web:1",
            env: [
              { name: "A", value: "1" },
              { name: "B", value: "2" },
            ],
          },
        ],
        volumes: [{ name: "tmp", emptyDir: {} }],
      },
    },
  },
};
const named = (kind: string, name: string): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, namespace: "shop" },
});

describe("adjusting an app's objects", () => {
  it("leaves out kinds, and single objects by name", () => {
    const objects = [
      deployment,
      named("Service", "web"),
      named("Service", "web-pods"),
      named("ServiceAccount", "web"),
    ];
    const names = (omit: string[]) =>
      adjustObjects(objects, { omit, patch: [] }).map((o) => `${o.kind}/${o.metadata.name}`);
    expect(names([])).toHaveLength(4);
    expect(names(["Service"])).toEqual(["Deployment/web", "ServiceAccount/web"]);
    expect(names(["Service/web", "ServiceAccount"])).toEqual(["Deployment/web", "Service/web-pods"]);
  });

  it("patches every object of a kind in order, or the one rendered under a name, also when it is renamed", () => {
    const services = [named("Service", "web"), named("Service", "web-pods")];
    const made = adjustObjects([deployment, ...services], {
      omit: [],
      patch: [
        { kind: "Service", set: { spec: { type: "NodePort" } } },
        {
          kind: "Service",
          name: "web",
          set: { metadata: { name: "front" }, spec: { type: "LoadBalancer" } },
        },
      ],
    });
    expect(made).toEqual([
      deployment,
      { ...named("Service", "front"), spec: { type: "LoadBalancer" } },
      { ...named("Service", "web-pods"), spec: { type: "NodePort" } },
    ]);
  });

  it("changes nothing of what it was given", () => {
    const before = structuredClone(deployment);
    const patch = [
      { kind: "Deployment", set: { spec: { template: { spec: { containers: { "*": { image: null } } } } } } },
    ];
    const [made] = adjustObjects([deployment], { omit: [], patch });
    expect(deployment).toEqual(before);
    expect(made).not.toEqual(before);
  });
});

describe("a patch", () => {
  it("is a JSON merge patch on maps", () => {
    expect(patchObject({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: null, e: 3 }, d: [2] })).toEqual({
      a: { c: 2, e: 3 },
      d: [2],
    });
  });

  it("reaches list elements by their name, removes and adds them", () => {
    const set = {
      containers: { web: { env: { A: null, B: { value: "3" }, C: { value: "4" } } } },
      volumes: { tmp: null },
    };
    const { template } = deployment.spec as { template: { spec: object } };
    expect(patchObject(template.spec, set)).toEqual({
      containers: [
        {
          name: "web",
          image: "web:1",
          env: [
            { name: "B", value: "3" },
            { name: "C", value: "4" },
          ],
        },
      ],
      volumes: [],
    });
  });

  it("renames an element, patches each by *, and sorts by $order", () => {
    const list = [
      { name: "a", x: 1 },
      { name: "b", x: 1 },
      { name: "c", x: 1 },
    ];
    expect(patchObject(list, { "*": { x: 2 }, b: { name: "z" }, d: {}, $order: ["d", "z"] })).toEqual([
      { name: "d" },
      { name: "z", x: 2 },
      { name: "a", x: 2 },
      { name: "c", x: 2 },
    ]);
  });

  it("tells mounts apart by path and unnamed ports by number", () => {
    expect(
      patchObject(
        [
          { name: "v", mountPath: "/a" },
          { name: "v", mountPath: "/b" },
        ],
        { "/b": null },
      ),
    ).toEqual([{ name: "v", mountPath: "/a" }]);
    expect(patchObject([{ containerPort: 80 }], { 80: { protocol: "UDP" }, 81: {} })).toEqual([
      { containerPort: 80, protocol: "UDP" },
      { containerPort: 81 },
    ]);
  });

  it("never reaches a prototype", () => {
    patchObject({}, JSON.parse('{"__proto__": {"polluted": true}, "a": {"__proto__": {"polluted": true}}}'));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

it("a list without a field that tells its elements apart has no key", () => {
  expect(listKey([])).toBeUndefined();
  expect(listKey([1, 2])).toBeUndefined();
  expect(listKey([{ name: "a" }, { name: "a" }])).toBeUndefined();
  expect(listKey([{ name: "a" }, { mountPath: "/b" }])).toBeUndefined();
  expect(
    listKey([
      { name: "a", mountPath: "/a" },
      { name: "a", mountPath: "/b" },
    ]),
  ).toBe("mountPath");
});
