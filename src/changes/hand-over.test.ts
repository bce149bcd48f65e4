import { posix } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../schema/object.ts";
import { type HandOver, handOver, stepsIn } from "./hand-over.ts";
import { compareFleets } from "./index.ts";
import { stepTexts } from "./step-texts.ts";
import { fleetOf } from "./testing/fleets.ts";
import { textTree } from "./trees.ts";
import type { HandOverStep, Tree } from "./types.ts";

const cache = (name: string, image = "redis:7") =>
  `  ${name}: { image: "${image}", ports: { redis: 6379 }, volumes: { data: { path: /data, size: 1Gi } } }\n`;
const moved = "moved: [{ from: cache, to: store }]";
const raw = (name: string, maps: string[]) => {
  const objects = maps.map((map) => `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${map} } }`);
  return `  ${name}: { image: "nginx:1.27", ports: { http: 8080 }, raw: [${objects.join(", ")}] }\n`;
};
const web = (scale: string) => `  web: { image: "nginx:1.27", ports: { http: 8080 }, scale: ${scale} }\n`;
const never = async () => () => false;
const always = async () => () => true;

/** The tree that a step commits. */
async function committed(next: Tree, { write }: HandOver): Promise<Tree> {
  const paths = [...next.paths()].map(([path]) => path);
  return textTree(new Map([...(await next.read(paths)), ...write]));
}

async function handedOver(tree: Tree, cluster = "local"): Promise<Map<string, KubernetesObject>> {
  const path = `clusters/${cluster}/root/hand-over.yaml`;
  const text = (await tree.read([path])).get(path) ?? "";
  const objects = parseAllDocuments(text).map((document) => document.toJSON() as KubernetesObject);
  return new Map(objects.filter(Boolean).map((object) => [object.metadata.name, object]));
}

async function artifacts(tree: Tree, cluster = "local"): Promise<Record<string, string>> {
  const path = `clusters/${cluster}/artifacts.json`;
  const list = JSON.parse((await tree.read([path])).get(path) ?? "") as {
    artifacts: { name: string; path: string }[];
  };
  return Object.fromEntries(list.artifacts.map(({ name, path: at }) => [name, at]));
}

const has = (tree: Tree, path: string) =>
  [...tree.paths()].some(([file]) => file === path || file.startsWith(`${path}/`));
const kustomizations = async (tree: Tree) => {
  const files = [...tree.paths()]
    .map(([path]) => path)
    .filter((path) => /root\/kustomizations\.yaml$|^delivery\//.test(path));
  return [...(await tree.read(files)).values()].join("---\n");
};

test("a change without new owners takes no steps", async () => {
  const [head, next] = [await fleetOf(cache("cache")), await fleetOf(cache("cache", "redis:7.2"))];
  expect(await handOver(head, next, always)).toEqual({ write: new Map(), steps: [] });
});

test("a rename: the old Kustomization is kept harmless until the new one has taken over", async () => {
  const head = await fleetOf(cache("cache"));
  const next = await fleetOf(cache("store"), moved);
  const step = { cluster: "local", bundle: "app-cache", phase: "orphan", to: ["app-store"], workloads: [] };
  const first = await handOver(head, next, always);
  expect(first.steps).toEqual([step]);
  const one = await committed(next, first);
  const old = (await handedOver(one)).get("app-cache");
  expect(old?.spec).toMatchObject({ suspend: true, prune: false, deletionPolicy: "Orphan" });
  const paths = await artifacts(one);
  for (const bundle of ["app-cache", "app-store"])
    expect(has(one, paths[bundle] as string), bundle).toBe(true);
  expect(await stepsIn(one)).toEqual([step]);
  // Until the cluster has applied it nothing moves on, however often it is built.
  const waiting = await handOver(one, next, never);
  expect(waiting.steps).toEqual([step]);
  expect([...(await committed(next, waiting)).paths()].sort()).toEqual([...one.paths()].sort());
  // Then the old one is dropped, and the tree is as declared.
  expect(await handOver(one, next, always)).toEqual({ write: new Map(), steps: [] });
});

test("a plan of a rename is a rename, also half-way", async () => {
  const head = await fleetOf(cache("cache"));
  const next = await fleetOf(cache("store"), moved);
  const { units, summary, suggestedMoves } = await compareFleets(head, next);
  expect(units).toMatchObject([
    { action: "rename", from: "cache", owner: "store", objects: [], restarts: 0 },
  ]);
  expect(summary).toMatchObject({ rename: 1, delete: 0, create: 0, destructive: 0 });
  expect(suggestedMoves).toEqual([]);
  const one = await committed(next, await handOver(head, next, always));
  expect((await compareFleets(one, next)).units).toEqual([]);
});

test("a rename that is taken back half-way hands everything back", async () => {
  const head = await fleetOf(cache("cache"));
  const next = await fleetOf(cache("store"), moved);
  const one = await committed(next, await handOver(head, next, always));
  const back = await handOver(one, head, never);
  expect(back.steps).toEqual([
    { cluster: "local", bundle: "app-store", phase: "orphan", to: ["app-cache"], workloads: [] },
  ]);
});

test("an object that another app brings: its old owner waits, runs on without it, prunes again", async () => {
  const head = await fleetOf(raw("one", ["a", "b"]) + raw("two", ["c"]));
  const next = await fleetOf(raw("one", ["a"]) + raw("two", ["b", "c"]));
  const hold = await handOver(head, next, always);
  expect(hold.steps).toEqual([
    { cluster: "local", bundle: "app-one", phase: "hold", to: ["app-two"], workloads: [] },
  ]);
  const first = await committed(next, hold);
  expect((await handedOver(first)).get("app-one")?.spec).toMatchObject({ suspend: true, prune: false });
  expect(await kustomizations(first)).not.toMatch(/name: app-one$/m);
  const path = (await artifacts(first))["app-one"] as string;
  expect(path).toMatch(/^hand-over\/app-one-[0-9a-f]{8}/);
  const held = [...first.paths()].map(([file]) => file).filter((file) => file.startsWith(path));
  expect([...(await first.read(held)).values()].join()).toContain("name: b");

  const drop = await handOver(first, next, always);
  expect(drop.steps).toMatchObject([{ bundle: "app-one", phase: "drop" }]);
  const second = await committed(next, drop);
  const spec = (await handedOver(second)).get("app-one")?.spec;
  expect(spec).toMatchObject({ prune: false });
  expect(spec).not.toHaveProperty("suspend");
  expect((await artifacts(second))["app-one"]).toBe((await artifacts(next))["app-one"]);
  expect(await handOver(second, next, always)).toEqual({ write: new Map(), steps: [] });
});

test("an autoscaler that comes: the manifest keeps its replicas until somebody else owns them", async () => {
  const [head, next] = [await fleetOf(web("{ min: 3, max: 3 }")), await fleetOf(web("{ min: 3, max: 9 }"))];
  const scale = await handOver(head, next, never);
  const workload = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web" };
  expect(scale.steps).toEqual([
    { cluster: "local", bundle: "app-web", phase: "scale", to: [], workloads: [workload] },
  ]);
  const first = await committed(next, scale);
  expect(await handedOver(first)).toEqual(new Map());
  const path = (await artifacts(first))["app-web"] as string;
  const files = [...first.paths()].map(([file]) => file).filter((file) => file.startsWith(path));
  expect([...(await first.read(files)).values()].join()).toContain("replicas: 3");
  expect((await handOver(first, next, never)).steps).toHaveLength(1);
  expect(await handOver(first, next, always)).toEqual({ write: new Map(), steps: [] });
  // Where the cluster could be asked at once, it takes no commit of its own.
  expect(await handOver(head, next, always)).toEqual({ write: new Map(), steps: [] });
  // It goes without steps: Flux says again how many there are.
  expect((await handOver(next, head, never)).steps).toEqual([]);
});

test("a rename that turns the autoscaler on needs the cluster", async () => {
  const head = await fleetOf(web("{ min: 3, max: 3 }"));
  const renamed = web("{ min: 3, max: 9 }").replace("web:", "front:");
  const next = await fleetOf(renamed, "moved: [{ from: web, to: front }]");
  await expect(handOver(head, next, never)).rejects.toThrow(/LF3010.*app-front/);
  const replicas = async () => (step: HandOverStep) => step.phase === "scale";
  expect((await handOver(head, next, replicas)).steps).toMatchObject([
    { bundle: "app-web", phase: "orphan" },
  ]);
});

test("where Flux splits the artifacts off a repository and clusters share Kustomizations", async () => {
  const root = `clusters: { eu: { type: kubernetes, context: eu }, us: { type: kubernetes, context: us } }
fleet: { url: "https://git.example.com/fleet.git" }`;
  const head = await fleetOf(cache("cache") + web("{ min: 1, max: 1 }"), root);
  const next = await fleetOf(cache("store") + web("{ min: 1, max: 1 }"), `${root}\n${moved}`);
  const first = await handOver(head, next, always);
  expect(first.steps.map(({ cluster }) => cluster)).toEqual(["eu", "us"]);
  const one = await committed(next, first);
  const text = async (path: string) => (await one.read([path])).get(path) ?? "";
  const generator = parse(await text("clusters/eu/root/artifacts.yaml")) as {
    spec: { artifacts: { name: string; copy: { from: string }[] }[] };
  };
  const from = Object.fromEntries(generator.spec.artifacts.map(({ name, copy }) => [name, copy[0]?.from]));
  const paths = await artifacts(one, "eu");
  for (const bundle of ["app-cache", "app-store", "app-web"])
    expect(from[bundle]).toContain(`@fleet/${paths[bundle]}`);
  const { resources } = parse(await text("clusters/eu/root/kustomization.yaml")) as { resources: string[] };
  expect(resources).toContain("hand-over.yaml");
  expect(resources).toContain("../../../delivery/app-store.yaml");
  expect(resources).not.toContain("../../../delivery/app-cache.yaml");
  for (const resource of resources) {
    const path = posix.join("clusters/eu/root", resource);
    expect(await text(path), path).toContain("kind:");
  }
  expect(await handOver(one, next, always)).toEqual({ write: new Map(), steps: [] });
});

test("a shared Kustomization that must wait stands apart for its clusters", async () => {
  const clusters =
    "clusters: { eu: { type: kubernetes, context: eu }, us: { type: kubernetes, context: us } }";
  const head = await fleetOf(raw("one", ["a", "b"]) + raw("two", ["c"]), clusters);
  const next = await fleetOf(raw("one", ["a"]) + raw("two", ["b", "c"]), clusters);
  const one = await committed(next, await handOver(head, next, always));
  const path = "clusters/eu/artifacts.json";
  const list = JSON.parse((await one.read([path])).get(path) ?? "") as { artifacts: { with?: string[] }[] };
  expect(list.artifacts[0]?.with).toContain("delivery/app-two.yaml");
  expect(list.artifacts[0]?.with).not.toContain("delivery/app-one.yaml");
  expect((await handedOver(one, "us")).get("app-one")?.spec).toMatchObject({ suspend: true, prune: false });
});

test("steps are told to people, once for all clusters", () => {
  const all = ["a", "b", "c", "d"].map(
    (cluster): HandOverStep => ({ cluster, bundle: "app-a", to: ["app-b"], phase: "orphan", workloads: [] }),
  );
  expect(stepTexts(all)).toEqual([expect.stringMatching(/^app-a on 4 clusters hands its objects to app-b/)]);
  expect(stepTexts(all.slice(0, 2))).toEqual([expect.stringMatching(/^app-a on a, b hands/)]);
});
