import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../../util/testing/in-folder.ts";
import { type SetOptions, setValues } from "./set.ts";
import { inRepository, read, seen, yaml } from "./testing/company.ts";

const files = { "landfall.config.yaml": yaml };
const quick = { plan: false, commit: false };
const set = (dir: string, kind: SetOptions["kind"], value: string | string[], where?: string) =>
  setValues(dir, { kind, values: [value].flat(), ...(where !== undefined && { where }), ...quick });

test.each([
  ["team=pay", "values/all.json"],
  ["team=pay,env=prod", "values/environments/prod.json"],
  ["app=pay,environment=staging", "values/environments/staging.json"],
  ["team=pay,cluster=p2", "values/clusters/p2.json"],
  ["team=pay,env=prod,region=us", "values/clusters/p2.json"],
  ["team=pay,cluster.region=us", "values/clusters/p2.json"],
  ["namespace=acme,app=pay", "values/all.json"],
])("%s goes to %s", async (where, file) => {
  await inFolder(files, async (dir) => {
    const { edits } = await set(dir, "version", "1.3.0", where);
    expect(edits.map(({ app, scope }) => [app, scope.file])).toEqual([["pay", file]]);
    const text = `{\n  "apps": {\n    "pay": {\n      "image": "ghcr.io/acme/pay:1.3.0"\n    }\n  }\n}\n`;
    expect(read(dir, file)).toBe(text);
    const image = (await seen(dir, "pay", "p2")).image;
    expect(image).toBe(`ghcr.io/acme/pay:${file.includes("staging") ? "1.2.0" : "1.3.0"}`);
  });
});

test.each([
  ["image", "web=registry.example.com:5000/web:1.2", "", { image: "registry.example.com:5000/web:1.2" }],
  ["image", `r/w@sha256:${"a".repeat(64)}`, "app=web", { image: `r/w@sha256:${"a".repeat(64)}` }],
  ["version", "v2.0.0-rc.1", "app=web", { image: "ghcr.io/acme/web:v2.0.0-rc.1" }],
  ["version", `sha256:${"b".repeat(64)}`, "app=web", { image: `ghcr.io/acme/web@sha256:${"b".repeat(64)}` }],
  ["env", "LOG_LEVEL=a=b\nc", "app=web", { env: { LOG_LEVEL: "a=b\nc", WORKERS: 4 } }],
  [
    "config",
    "app.json#latencyMs=200",
    "app=web",
    { config: { "app.json": { latencyMs: 200, cache: { ttl: "1m" } } } },
  ],
  [
    "config",
    "app.json#cache.ttl=30s",
    "app=web",
    { config: { "app.json": { latencyMs: 0, cache: { ttl: "30s" } } } },
  ],
  ["replicas", "3..12", "app=web", { scale: { min: 3, max: 12 } }],
  ["replicas", "3", "app=web", { scale: { min: 3, max: 3 } }],
  ["weight", "web-v2=25", "app=web,env=prod", { weights: { "web-v2": 25 } }],
] as const)("set %s %s where %s", async (kind, value, where, wanted) => {
  await inFolder(files, async (dir) => {
    expect(await set(dir, kind, value, where)).toMatchObject({ apps: 1, kept: [] });
    expect(await seen(dir, "web", "p1")).toMatchObject(wanted);
  });
});

test("what is removed is gone, also where the declaration has it", async () => {
  await inFolder(files, async (dir) => {
    await set(dir, "env", ["LOG_LEVEL-", "NEW=1"], "app=web");
    expect((await seen(dir, "web", "p1")).env).toEqual({ WORKERS: 4, NEW: "1", TOKEN: expect.anything() });
    await set(dir, "env", "LOG_LEVEL=debug", "app=web");
    expect((await seen(dir, "web", "p1")).env.LOG_LEVEL).toBe("debug");
  });
});

test("keys are sorted, values of other apps and commands stay, and doing it again changes nothing", async () => {
  await inFolder(files, async (dir) => {
    await set(dir, "env", "Z=1", "tier=web");
    await set(dir, "replicas", "5", "app=cart");
    await set(dir, "env", "A=1", "app=web");
    const { apps } = JSON.parse(read(dir, "values/all.json"));
    expect(JSON.stringify(apps)).toBe(
      '{"cart":{"scale":{"max":5,"min":5}},"web":{"env":{"A":"1","Z":"1"}},"web-v2":{"env":{"Z":"1"}}}',
    );
    const again = await set(dir, "env", "Z=1", "tier=web");
    expect(again).toMatchObject({ apps: 0, files: [], same: ["web", "web-v2"] });
  });
});

test("only what differs is written, and old values are told for all clusters", async () => {
  await inFolder(files, async (dir) => {
    const { edits, same } = await set(dir, "env", ["LOG_LEVEL=warn"], "app=cart");
    expect(edits[0]?.values).toEqual([{ path: "env.LOG_LEVEL", from: ["warn"], to: "warn" }]);
    expect(same).toEqual([]);
    const workers = await set(dir, "env", "WORKERS=4", "app=web");
    expect(workers.same).toEqual(["web"]);
    const scale = await set(dir, "replicas", "3", "app=pay");
    expect(scale.edits[0]?.values).toEqual([
      { path: "scale.min", from: [1, 2], to: 3 },
      { path: "scale.max", from: [1], to: 3 },
    ]);
  });
});

test("what applies later keeps its value, and says so", async () => {
  await inFolder(files, async (dir) => {
    await set(dir, "version", "5.0.0", "app=web,cluster=p2");
    const { kept } = await set(dir, "version", "4.0.0", "app=web,env=prod");
    expect(kept).toEqual([
      {
        app: "web",
        path: "image",
        clusters: ["p2"],
        by: expect.stringMatching(/values\/clusters\/p2\.json$/),
      },
    ]);
    expect((await seen(dir, "web", "p2")).image).toBe("ghcr.io/acme/web:5.0.0");
    expect((await seen(dir, "web", "p1")).image).toBe("ghcr.io/acme/web:4.0.0");
  });
});

test.each([
  ["version", "1.3.0", undefined, /LF9001 it is not said for which apps/],
  ["version", "1.3.0", "teem=pay", /LF9001 no app and no cluster has teem/],
  ["version", "1.3.0", "team", /LF9001/],
  ["version", "1.3.0", "tier=web,tier=api", /LF9001 tier=web,tier=api says one thing twice/],
  ["version", "1.3.0", "team=nobody", /LF1018 no app is selected by team=nobody/],
  ["version", "1.3.0", "app=web-v2,env=staging", /LF1018/],
  ["version", "1.3.0", "app=wbe", /LF1005/],
  ["version", "1.3.0", "env=pord", /LF1010/],
  ["version", "1.3.0", "cluster=p3", /LF1006/],
  ["version", "1 3", "app=web", /LF9001 1 3 is no version/],
  ["version", ["1", "2"], "app=web", /LF9001 an app has one version/],
  ["image", "web=nginx", undefined, /LF9001 web=nginx is no image with a version/],
  ["image", "web=nginx:1", "app=cart", /LF9001/],
  ["image", "wbe=nginx:1", undefined, /LF1005/],
  ["env", "LOG-LEVEL=x", "app=web", /LF9001/],
  ["env", "TOKEN=abc", "app=web", /LF1019 web cannot have TOKEN=abc/],
  ["env", "NONE-", "app=web", /LF1019/],
  ["config", "latencyMs=1", "app=web", /LF9001/],
  ["config", "app.json#a..b=1", "app=web", /LF9001/],
  ["config", "motd.txt#a=1", "app=web", /LF1019/],
  ["config", "app.json#a=1", "team=pay", /LF1019 pay cannot have this/],
  ["replicas", "0", "app=web", /LF9001/],
  ["replicas", "5..3", "app=web", /LF9001/],
  ["weight", "web-v2=101", "app=web", /LF9001/],
  ["weight", "none=10", "app=web", /LF1005/],
  ["weight", "web-v2-", "app=web", /LF1019/],
] as const)("set %s %s where %s is refused and writes nothing", async (kind, value, where, message) => {
  await inRepository(files, async (dir) => {
    const values = [value].flat() as string[];
    await expect(setValues(dir, { kind, values, ...(where && { where }), plan: false })).rejects.toThrow(
      message,
    );
    expect(existsSync(join(dir, "values"))).toBe(false);
  });
});

test("every refused app is told at once", async () => {
  const two = yaml.replaceAll(
    "tier: api, team: shop }",
    "tier: api, team: shop }\n    env: { TOKEN: { secret: token } }",
  );
  await inFolder({ "landfall.config.yaml": two }, async (dir) => {
    const error = await set(dir, "env", "TOKEN=x", "team=shop").catch((thrown: Error) => thrown);
    expect((error as Error).message.split("\n")).toHaveLength(2);
  });
});

test("a dry run tells the same and writes nothing", async () => {
  await inRepository(files, async (dir) => {
    const options: SetOptions = { kind: "version", values: ["9.0.0"], where: "tier=api", plan: false };
    const { edits, commit } = await setValues(dir, { ...options, dryRun: true });
    expect(edits.map(({ app }) => app)).toEqual(["cart", "pay"]);
    expect(commit).toBeUndefined();
    expect(existsSync(join(dir, "values"))).toBe(false);
    expect((await setValues(dir, options)).edits).toEqual(edits);
  });
});
