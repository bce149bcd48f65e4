import { expect, test } from "vitest";
import { compareFleets } from "./index.ts";
import { objectChanges } from "./objects.ts";
import { changesOf, fleetOf, objectOf } from "./testing/fleets.ts";
import type { Tree } from "./types.ts";

const web = (more = "") => `  web: { image: "nginx:1.27", ports: { http: 8080 }${more} }\n`;
const cache =
  "  cache: { image: redis:7, ports: { redis: 6379 }, volumes: { data: { path: /data, size: 1Gi } } }\n";
const many = (count: number) => {
  const clusters = Array.from({ length: count }, (_, n) => `c${n}: { type: kubernetes, context: c${n} }`);
  return `clusters: { ${clusters.join(", ")} }`;
};

test("a first fleet is created whole, with what it asks for", async () => {
  const { summary, units } = await changesOf(
    undefined,
    web(", scale: { min: 2, max: 5 }, resources: { cpu: 100m, memory: 64Mi }"),
  );
  expect(summary).toMatchObject({ change: 0, delete: 0, replace: 0, destructive: 0, clusters: 1 });
  const app = units.find(({ bundle }) => bundle === "app-web");
  expect(app).toMatchObject({ action: "create", clusters: ["local"], restarts: 0 });
  expect(app?.objects.every(({ action }) => action === "create")).toBe(true);
  expect(app?.cost.after).toEqual({
    pods: { min: 2, max: 5 },
    cpu: { min: 0.2, max: 0.5 },
    memory: { min: 2 * 64 * 2 ** 20, max: 5 * 64 * 2 ** 20 },
    storage: { min: 0, max: 0 },
  });
});

test("the same declaration gives no changes", async () => {
  const { units, summary } = await changesOf(web() + cache, web() + cache);
  expect(units).toEqual([]);
  expect(summary).toMatchObject({ create: 0, clusters: 0, destructive: 0 });
});

test("an image and a variable are told field by field, with the pods they restart", async () => {
  const changes = await changesOf(
    web(),
    web(", env: { LEVEL: info }, scale: { min: 3, max: 3 }").replace("1.27", "1.28"),
  );
  expect(changes.summary).toMatchObject({ change: 1, create: 0, restarts: 3 });
  const { fields, action } = objectOf(changes, "app-web", "Deployment");
  expect(action).toBe("change");
  expect(fields).toContainEqual({
    path: "spec.template.spec.containers[web].image",
    from: "nginx:1.27",
    to: "nginx:1.28",
  });
  expect(fields).toContainEqual({
    path: "spec.template.spec.containers[web].env[LEVEL]",
    to: { name: "LEVEL", value: "info" },
  });
  expect(fields).toContainEqual({ path: "spec.replicas", from: 1, to: 3 });
  expect(changes.units[0]?.cost).toMatchObject({ before: { pods: { min: 1 } }, after: { pods: { min: 3 } } });
});

test("config is one change although its name is made of its content", async () => {
  const of = (text: string) => web(`, config: { "a.txt": "${text}" }`);
  const change = objectOf(await changesOf(of("one"), of("two")), "app-web", "ConfigMap");
  expect(change).toMatchObject({ action: "change", renamedFrom: expect.stringMatching(/^web-config-/) });
  expect(change.fields).toContainEqual({ path: 'data["a.txt"]', from: "one", to: "two" });
});

test("the same change on 300 clusters is one unit with all their names", async () => {
  const { units, summary } = await changesOf(web(), web().replace("1.27", "1.28"), many(300));
  expect(units).toHaveLength(1);
  expect(units[0]?.clusters).toHaveLength(300);
  expect(summary).toMatchObject({ change: 1, clusters: 300, restarts: 300 });
  expect(units[0]?.cost.after.pods).toEqual({ min: 300, max: 300 });
});

test("variants that change alike are one unit, a cluster that changes otherwise another", async () => {
  const root = many(3);
  const of = (image: string, special: string) =>
    web(
      `, overrides: [{ where: { environment: prod }, set: {} }], on: { clusters: [c0, c1, c2] }, env: { A: "1" }`,
    )
      .replace("nginx:1.27", image)
      .replace("set: {}", `set: { ${special} }`);
  const changes = await changesOf(
    of("nginx:1", "args: [x]"),
    of("nginx:2", "args: [x]"),
    `${root.replace("c0: { type: kubernetes,", "c0: { type: kubernetes, environment: prod,")}\nenvironments: { prod: {} }`,
  );
  expect(changes.units.filter(({ kind }) => kind === "app")).toMatchObject([
    { bundle: "app-web", clusters: ["c0", "c1", "c2"] },
  ]);
});

test("only files that differ are read", async () => {
  const before = await fleetOf(web() + cache);
  const after = await fleetOf(web().replace("1.27", "1.28") + cache);
  const read: string[] = [];
  const spied = (tree: Tree): Tree => ({
    paths: tree.paths,
    read: (paths) => {
      read.push(...paths);
      return tree.read(paths);
    },
  });
  await compareFleets(spied(before), spied(after));
  expect(read.filter((path) => /^(apps|parts|secrets)\//.test(path) && !/^apps\/web/.test(path))).toEqual([]);
  expect(read.some((path) => /^apps\/web/.test(path))).toBe(true);
});

test("values of Secrets never appear", () => {
  const secret = (key: string, more = {}) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s", namespace: "shop" },
    stringData: { key, ...more },
    sops: { mac: key },
  });
  const changes = objectChanges([secret("hunter2")], [secret("hunter3", { other: "hunter4" })]);
  expect(changes[0]?.fields).toEqual([
    { path: "stringData.key", from: "(secret)", to: "(secret)" },
    { path: "stringData.other", to: "(secret)" },
  ]);
  const whole = objectChanges([{ ...secret("hunter2"), stringData: undefined }], [secret("hunter3")]);
  expect(whole[0]?.fields).toEqual([{ path: "stringData", to: ["key"] }]);
});

test("a list of artifacts that is none is named", async () => {
  const broken: Tree = {
    paths: () => [["clusters/local/artifacts.json", "x"]],
    read: async () => new Map([["clusters/local/artifacts.json", "{"]]),
  };
  await expect(compareFleets(broken, await fleetOf(web()))).rejects.toThrow(
    /LF3002.*clusters\/local\/artifacts.json/,
  );
});

/** A fleet of placements alone: what lies at the paths is never asked for unless it differs. */
function synthetic(apps: number, clusters: number, changed: number): Tree & { reads: number } {
  const texts = new Map<string, string>();
  const digests = new Map<string, string>();
  for (let n = 0; n < apps; n++) digests.set(`apps/a${n}.yaml`, `${n === changed ? "x" : ""}${n}`);
  for (let c = 0; c < clusters; c++) {
    const artifacts = Array.from({ length: 300 }, (_, i) => {
      const n = (c * 7 + i * 31) % apps;
      return { name: `app-a${n}`, path: `apps/a${n}.yaml` };
    });
    const path = `clusters/c${c}/artifacts.json`;
    texts.set(
      path,
      JSON.stringify({ artifacts: [{ name: "cluster", path: `clusters/c${c}/root` }, ...artifacts] }),
    );
    digests.set(path, "same");
  }
  const tree = {
    reads: 0,
    paths: () => digests,
    read: async (paths: readonly string[]) => {
      const apps = paths.filter((path) => path.startsWith("apps/"));
      tree.reads += apps.length;
      return new Map(
        paths.map((path) => [
          path,
          texts.get(path) ?? `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x${digests.get(path)} }\n`,
        ]),
      );
    },
  };
  return tree;
}

test("300,000 placements on 1,000 clusters: one changed app is one file read on each side", {
  timeout: 120_000,
}, async () => {
  const [head, next] = [synthetic(10_000, 1000, -1), synthetic(10_000, 1000, 310)];
  const start = performance.now();
  const { units, summary } = await compareFleets(head, next);
  const took = performance.now() - start;
  expect(units).toMatchObject([{ bundle: "app-a310", action: "change" }]);
  expect(summary.clusters).toBe(units[0]?.clusters.length);
  expect(summary.clusters).toBeGreaterThan(10);
  expect([head.reads, next.reads]).toEqual([1, 1]);
  // About 1 s on an idle machine; the bound is for what grows with apps × clusters squared.
  expect(took).toBeLessThan(60_000);
  if (process.env.LANDFALL_TEST_FIGURES)
    process.stderr.write(`300,000 placements compared in ${Math.round(took)} ms\n`);
});
