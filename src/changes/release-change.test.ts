/** The steps of a release that begins or ceases to be analysed, over whole fleets and without a cluster. */
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { KubernetesObject } from "../schema/object.ts";
import { type HandOver, handOver, stepsIn } from "./hand-over.ts";
import { compareFleets } from "./index.ts";
import { objectsIn } from "./manifests.ts";
import { fleetOf } from "./testing/fleets.ts";
import { textTree } from "./trees.ts";
import type { HandOverStep, Tree } from "./types.ts";

const root = "parts: { flux: {}, gateway-api: {}, traefik: {}, prometheus: {}, flagger: {} }";
const web = (more: string) =>
  `  web: { image: "nginx:1.27", ports: { http: 8080, metrics: 9464 }, expose: [{ host: a.localhost }, { host: b.localhost }], scale: { min: 3, max: 3 }, ${more} }\n`;
const [rolling, canary] = ["labels: {}", "release: { canary: {} }"];
const never = async () => () => false;
const always = async () => () => true;

async function committed(next: Tree, { write }: HandOver): Promise<Tree> {
  const paths = [...next.paths()].map(([path]) => path);
  return textTree(new Map([...(await next.read(paths)), ...write]));
}

/** What a tree gives the app's bundle on the cluster. */
async function contentIn(tree: Tree): Promise<KubernetesObject[]> {
  const list = "clusters/local/artifacts.json";
  const { artifacts } = parse((await tree.read([list])).get(list) ?? "") as {
    artifacts: { name: string; path: string }[];
  };
  const path = artifacts.find(({ name }) => name === "app-web")?.path ?? "";
  return objectsIn((await tree.read([path])).get(path) ?? "");
}
const named = (objects: KubernetesObject[], kind: string, name = "web") =>
  objects.find((object) => object.kind === kind && object.metadata.name === name);
const step = (phase: string): HandOverStep => ({
  cluster: "local",
  bundle: "app-web",
  phase: phase as HandOverStep["phase"],
  to: ["canary shop/web"],
  workloads: [],
});
const plain = { write: new Map(), steps: [] };

test("on: Service and routes are kept from removal before the canary comes, and it is done when it has them", async () => {
  const [head, next] = [await fleetOf(web(rolling), root), await fleetOf(web(canary), root)];
  const first = await handOver(head, next, always);
  expect(first.steps).toEqual([step("lend")]);
  const one = await committed(next, first);
  const lent = await contentIn(one);
  const keep = { annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled" } };
  expect(named(lent, "Service")?.metadata).toMatchObject(keep);
  for (const route of ["web", "web-2"]) expect(named(lent, "HTTPRoute", route)?.metadata).toMatchObject(keep);
  expect(named(lent, "Deployment")?.spec).toMatchObject({ replicas: 3 });
  expect(named(lent, "Deployment")?.metadata.annotations).toBeUndefined();
  expect(named(lent, "Canary")).toBeUndefined();
  expect(await stepsIn(one)).toEqual([step("lend")]);
  // Nothing moves on until the cluster has applied it, however often it is built.
  const waiting = await handOver(one, next, never);
  expect(waiting.steps).toEqual([step("lend")]);
  expect(await contentIn(await committed(next, waiting))).toEqual(lent);

  const second = await handOver(one, next, always);
  expect(second.steps).toEqual([step("adopt")]);
  const two = await committed(next, second);
  expect(await contentIn(two)).toEqual(await contentIn(next));
  expect((await handOver(two, next, never)).steps).toEqual([step("adopt")]);
  expect(await handOver(two, next, always)).toEqual(plain);
});

test("off: what was scaled to nothing serves again before anything of the canary goes", async () => {
  const [head, next] = [await fleetOf(web(canary), root), await fleetOf(web(rolling), root)];
  const first = await handOver(head, next, always);
  expect(first.steps).toEqual([step("rest")]);
  const one = await committed(next, first);
  const resting = await contentIn(one);
  expect(named(resting, "Canary")?.spec).toMatchObject({ suspend: true });
  expect(named(resting, "Service")).toBeUndefined();
  // Of two hosts the Canary has one route; the second's own comes before that one gives it up.
  expect(named(resting, "HTTPRoute")).toBeUndefined();
  expect(named(resting, "HTTPRoute", "web-2")).toBeDefined();
  expect((await handOver(one, next, never)).steps).toEqual([step("rest")]);

  const second = await handOver(one, next, always);
  expect(second.steps).toEqual([step("return")]);
  const two = await committed(next, second);
  const back = await contentIn(two);
  for (const kind of ["Service", "HTTPRoute", "Deployment"]) expect(named(back, kind)).toBeDefined();
  expect(named(back, "Deployment")?.spec).toMatchObject({ replicas: 3 });
  // The Canary stays, and sleeps, until the traffic has left what belongs to it.
  expect(named(back, "Canary")?.spec).toMatchObject({ suspend: true });
  expect(named(back, "HorizontalPodAutoscaler", "web-primary")).toBeDefined();
  expect((await handOver(two, next, never)).steps).toEqual([step("return")]);
  expect(await handOver(two, next, always)).toEqual(plain);
});

test("off with another version: the pods that wake are the declared ones, whatever their canary said of the last", async () => {
  const now = web(rolling).replace("1.27", "1.28").replace("scale:", "config: { a.conf: x }, scale:");
  const [head, next] = [await fleetOf(web(canary), root), await fleetOf(now, root)];
  const resting = await contentIn(await committed(next, await handOver(head, next, always)));
  const declared = await contentIn(next);
  const [pods, wanted] = [resting, declared].map((objects) => named(objects, "Deployment")?.spec);
  expect(JSON.stringify(pods)).toContain("nginx:1.28");
  expect(pods).toMatchObject({ template: (wanted as { template: object }).template });
  expect(pods).not.toHaveProperty("replicas");
  // What these pods mount is there before them.
  expect(resting.some(({ kind }) => kind === "ConfigMap")).toBe(true);
  expect(named(resting, "Service")).toBeUndefined();
});

test("what is taken back before anything changed hands is as it was", async () => {
  const [off, on] = [await fleetOf(web(rolling), root), await fleetOf(web(canary), root)];
  const lending = await committed(on, await handOver(off, on, always));
  expect(await handOver(lending, off, never)).toEqual(plain);
  const resting = await committed(off, await handOver(on, off, always));
  expect(await handOver(resting, on, never)).toEqual(plain);
});

test("what is taken back later is ended first, and then goes the other way", async () => {
  const [off, on] = [await fleetOf(web(rolling), root), await fleetOf(web(canary), root)];
  const lending = await committed(on, await handOver(off, on, always));
  const adopting = await committed(on, await handOver(lending, on, always));
  const held = await handOver(adopting, off, never);
  expect(held.steps).toEqual([step("adopt")]);
  expect(await contentIn(await committed(off, held))).toEqual(await contentIn(on));
  expect((await handOver(adopting, off, always)).steps).toEqual([step("rest")]);

  const resting = await committed(off, await handOver(on, off, always));
  const returning = await committed(off, await handOver(resting, off, always));
  expect((await handOver(returning, on, always)).steps).toEqual([step("lend")]);
});

test("a change of the app meanwhile waits for the step under way", async () => {
  const [off, on] = [await fleetOf(web(rolling), root), await fleetOf(web(canary), root)];
  const lending = await committed(on, await handOver(off, on, always));
  const adopting = await committed(on, await handOver(lending, on, always));
  const newer = await fleetOf(web(canary).replace("1.27", "1.28"), root);
  const held = await committed(newer, await handOver(adopting, newer, never));
  expect(JSON.stringify(await contentIn(held))).toContain("nginx:1.27");
  expect(await handOver(adopting, newer, always)).toEqual(plain);
});

test("an app that is new, that goes, or whose release only changes takes no steps", async () => {
  const [none, on] = [
    await fleetOf(web(canary).replaceAll("web:", "other:"), root),
    await fleetOf(web(canary), root),
  ];
  expect(await handOver(none, on, always)).toEqual(plain);
  expect(await handOver(on, none, always)).toEqual(plain);
  const slower = await fleetOf(web("release: { canary: { interval: 1m } }"), root);
  expect(await handOver(on, slower, always)).toEqual(plain);
});

test("with a rename in one change it is refused", async () => {
  const named = web(rolling).replaceAll("web:", "front:");
  const moved = `${root}\nmoved: [{ from: front, to: web }]`;
  const [head, next] = [await fleetOf(named, root), await fleetOf(web(canary), moved)];
  const both = handOver(head, next, always);
  await expect(both).rejects.toMatchObject({ problems: [{ code: "LF3010" }] });
});

test("a plan tells the steps, and that nothing is removed", async () => {
  const changes = await compareFleets(await fleetOf(web(rolling), root), await fleetOf(web(canary), root));
  expect(changes.steps).toEqual([step("lend")]);
  const [unit] = changes.units;
  expect(unit?.objects.filter(({ action }) => action === "delete")).toEqual([]);
  expect(unit?.marks.filter(({ level }) => level === "destructive")).toEqual([]);
});
