import { beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../schema/object.ts";
import { compiled, yaml } from "../testing/declare.ts";
import { type Break, breaks } from "../testing/policy-breaks.ts";
import { allSmallParts, smallRegistry } from "../testing/registry.ts";
import { policies } from "./index.ts";
import { judgeBundle } from "./judge.ts";

let objects: KubernetesObject[];
beforeAll(async () => {
  const apps = `  web:
    image: nginx:1.27
    ports: { http: 8080 }
    scale: { min: 2, max: 4 }
    expose: [{ host: web.localhost }]
  keeper: { image: keeper:1, ports: { tcp: 9000 }, scale: { min: 2, max: 2 }, volumes: { data: { path: /data, size: 1Gi } } }
`;
  const plan = await compiled({ "landfall.config.yaml": yaml(apps, allSmallParts) }, smallRegistry);
  objects = plan.clusters[0]?.bundles.filter(({ kind }) => kind === "app").flatMap((b) => b.objects) ?? [];
});

const judged = (own: KubernetesObject[], others: KubernetesObject[] = []) =>
  judgeBundle(
    { kind: "app", owner: "web", objects: own },
    { domain: "localhost", objects: () => [...own, ...others] },
  );

function broken({ change }: Break): KubernetesObject[] {
  const copy = structuredClone(objects);
  return change(copy) ?? copy;
}

test("each rule has words of its own and a case that breaks it", () => {
  for (const { id, title, why, fix } of policies) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const text of [title, why, fix]) expect(text.length, `${id}: ${text}`).toBeGreaterThan(10);
    expect(`${title}${why}${fix}`, id).not.toMatch(/\.$/m);
  }
  expect(new Set(policies.map(({ id }) => id)).size).toBe(policies.length);
  const covered = new Set(breaks.map(({ rule }) => rule));
  // What the schema check finds is a rule only so that it can be waived.
  const own = policies.filter(({ on }) => on.length > 0);
  expect(own.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
});

test("nothing is found where all is well", () => {
  expect(objects.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["Deployment", "StatefulSet", "HTTPRoute", "HorizontalPodAutoscaler"]),
  );
  expect(judged(objects)).toEqual([]);
});

describe("finds what breaks", () => {
  test.each(breaks.map((one) => [`${one.rule}: ${one.says}`, one] as const))("%s", (_name, one) => {
    const found = judged(broken(one));
    expect(found.map(({ policy }) => policy.id)).toEqual([one.rule]);
    expect(found[0]?.says).toBe(one.says);
  });
});

test("what other bundles of the cluster have counts as well", () => {
  const isPolicy = ({ kind }: KubernetesObject) => kind === "NetworkPolicy" || kind === "PodDisruptionBudget";
  const [theirs, ours] = [objects.filter(isPolicy), objects.filter((object) => !isPolicy(object))];
  expect(new Set(judged(ours).map(({ policy }) => policy.id))).toEqual(new Set(["isolation", "budget"]));
  expect(judged(ours, theirs)).toEqual([]);
});

test("objects that a schema refuses are left to it", () => {
  const odd = { ...(objects.find(({ kind }) => kind === "Deployment") as KubernetesObject), spec: {} };
  const bundle = { kind: "app" as const, owner: "web", objects: [odd] };
  const at = { domain: "localhost", objects: () => [], unsound: new Set([odd]) };
  expect(judgeBundle(bundle, at)).toEqual([]);
});
