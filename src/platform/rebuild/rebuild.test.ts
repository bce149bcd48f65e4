import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { inFolder } from "../../util/testing/in-folder.ts";
import { build } from "../build.ts";
import { rebuild } from "./index.ts";
import { type WatchedBuild, watchBuilds } from "./watch.ts";

const root = `landfall: 2
company: acme
environments: { dev: {}, prod: {} }
clusters:
  one: { type: kubernetes, context: a, environment: dev, labels: { region: eu } }
  two: { type: kubernetes, context: b, environment: prod, labels: { region: eu } }
  three: { type: kubernetes, context: c, environment: prod, labels: { region: us } }
parts: { flux: {}, metrics-server: {} }
secrets: { key: { generate: 32 } }
overlays: [{ where: { region: us }, apps: { tier: web }, set: { env: { REGION: us } } }]
include: [apps]
`;
const web = `image: "web:1"
labels: { tier: web }
ports: { http: 8080 }
calls: [api]
env: { LEVEL: info, KEY: { secret: key } }
config: { "app.json": { n: 1 } }
scale: { min: 2, max: 4 }
overrides:
  - { where: { environment: prod }, set: { resources: { memory: 128Mi } } }
`;
const api = `image: "api:1"
ports: { grpc: 9000 }
volumes: {}
`;
const estate = {
  "landfall.config.yaml": root,
  "apps/web.yaml": web,
  "apps/team/api.yaml": api,
  "apps/job.yaml": 'image: "job:1"\non: { labels: { region: us } }\ncalls: [api]\n',
  "values/environments/prod.json": '{\n  "apps": {\n    "api": {\n      "image": "api:2"\n    }\n  }\n}\n',
};

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The estate built once, with what the next build may start from. */
function built(check: (dir: string) => Promise<void>): Promise<void> {
  return inFolder(estate, async (dir) => {
    vi.stubEnv("LANDFALL_HOME", join(dir, ".home"));
    await build(dir, { remember: true });
    await check(dir);
  });
}

function filesIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = paths.filter((path) => statSync(join(folder, path)).isFile()).sort();
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** That the fleet is what building everything elsewhere gives. */
async function expectWhole(dir: string): Promise<void> {
  const elsewhere = join(dir, "elsewhere");
  rmSync(elsewhere, { recursive: true, force: true });
  await build(dir, { out: elsewhere });
  expect(filesIn(join(dir, "fleet"))).toEqual(filesIn(elsewhere));
}

const edit = (dir: string, file: string, from: string, to: string) => {
  const before = readFileSync(join(dir, file), "utf8");
  expect(before).toContain(from);
  writeFileSync(join(dir, file), before.replace(from, to));
};

test("nothing changed: nothing is written", () =>
  built(async (dir) => {
    expect(rebuild(dir)?.folder).toMatchObject({ written: 0, removed: 0 });
    await expectWhole(dir);
  }));

test.each([
  ["an image", "apps/team/api.yaml", "api:1", "api:7", 1],
  ["a plain variable", "apps/web.yaml", "LEVEL: info", "LEVEL: debug", 3],
  ["a config file", "apps/web.yaml", "n: 1", "n: 2", 3],
  ["the scale", "apps/web.yaml", "max: 4", "max: 9", 3],
  ["what an override sets", "apps/web.yaml", "128Mi", "256Mi", 2],
  ["a value in a data file", "values/environments/prod.json", "api:2", "api:3", 1],
  ["a comment", "apps/web.yaml", "image:", "# the shop's pages\nimage:", 0],
])("%s is built alone, and the fleet is as if all had been", (_what, file, from, to, written) =>
  built(async (dir) => {
    edit(dir, file, from, to);
    expect(rebuild(dir)?.folder).toMatchObject({ written, removed: 0 });
    await expectWhole(dir);
    edit(dir, file, to, from);
    expect(rebuild(dir)?.folder).toMatchObject({ written });
    expect(rebuild(dir)?.folder).toMatchObject({ written: 0 });
    await expectWhole(dir);
  }),
);

test.each([
  ["a call", "apps/web.yaml", "calls: [api]", "calls: []"],
  ["a port", "apps/team/api.yaml", "9000", "9001"],
  ["a secret", "apps/web.yaml", ", KEY: { secret: key }", ""],
  ["an autoscaler", "apps/web.yaml", "max: 4", "max: 2"],
  ["for whom an override is", "apps/web.yaml", "environment: prod", "environment: dev"],
  ["the placement", "apps/job.yaml", "region: us", "region: eu"],
  ["a variant that becomes equal to another", "values/environments/prod.json", "api:2", "api:1"],
  ["the declaration", "landfall.config.yaml", "REGION: us", "REGION: america"],
  ["a promise", "apps/team/api.yaml", "volumes: {}", "slo: { availability: 99 }"],
  ["something wrong", "apps/team/api.yaml", "image:", "imge:"],
  ["something that breaks a policy", "apps/team/api.yaml", '"api:1"', '"api:latest"'],
])("%s needs the whole compiler", (_what, file, from, to) =>
  built(async (dir) => {
    edit(dir, file, from, to);
    expect(rebuild(dir)).toBeUndefined();
  }),
);

test("files that come or go, and a fleet that is not as it was left, need the whole compiler", () =>
  built(async (dir) => {
    writeFileSync(join(dir, "apps/new.yaml"), 'image: "new:1"\n');
    expect(rebuild(dir)).toBeUndefined();
    rmSync(join(dir, "apps/new.yaml"));
    expect(rebuild(dir)).toBeDefined();
    writeFileSync(join(dir, "values/all.json"), '{ "apps": {} }\n');
    expect(rebuild(dir)).toBeUndefined();
    rmSync(join(dir, "values/all.json"));
    appendFileSync(join(dir, "fleet/apps/job.yaml"), "# by hand\n");
    expect(rebuild(dir)).toBeUndefined();
    rmSync(join(dir, "fleet/apps/job.yaml"));
    expect(rebuild(dir)).toBeUndefined();
    expect(rebuild(dir, { out: join(dir, "other") })).toBeUndefined();
  }));

test("a build to a folder that was named is not what a build of the declaration's own goes on from", () =>
  built(async (dir) => {
    const named = join(dir, "elsewhere");
    await build(dir, { out: named, remember: true });
    edit(dir, "apps/team/api.yaml", "api:1", "api:7");
    expect(rebuild(dir)).toBeUndefined();
    expect(rebuild(dir, { out: named })?.folder).toMatchObject({ written: 1, path: named });
  }));

test("a fleet folder that became a link is left to the whole build, which refuses it", () =>
  built(async (dir) => {
    await inFolder({}, async (other) => {
      renameSync(join(dir, "fleet"), join(other, "fleet"));
      symlinkSync(join(other, "fleet"), join(dir, "fleet"));
      edit(dir, "apps/team/api.yaml", "api:1", "api:7");
      expect(rebuild(dir)).toBeUndefined();
      await expect(build(dir)).rejects.toThrow("LF3001");
    });
  }));

test("a record that was cut off or damaged is no record", () =>
  built(async (dir) => {
    const folder = join(dir, ".home/cache/builds");
    const [name = ""] = readdirSync(folder);
    const text = readFileSync(join(folder, name), "utf8");
    edit(dir, "apps/team/api.yaml", "api:1", "api:7");
    writeFileSync(join(folder, name), text.slice(0, text.length / 2));
    expect(rebuild(dir)).toBeUndefined();
    writeFileSync(join(folder, name), `${text}{"data":[],"sour`);
    expect(rebuild(dir)).toBeUndefined();
    writeFileSync(join(folder, name), text);
    expect(rebuild(dir)?.folder).toMatchObject({ written: 1 });
  }));

test("watching builds at once, then what changes, waits where something is wrong, and ends when asked", () =>
  inFolder(estate, async (dir) => {
    vi.stubEnv("LANDFALL_HOME", join(dir, ".home"));
    const control = new AbortController();
    const seen: WatchedBuild[] = [];
    const waiting: (() => void)[] = [];
    const onBuild = (result: WatchedBuild) => {
      seen.push(result);
      waiting.shift()?.();
    };
    const next = () => new Promise<void>((resolve) => waiting.push(resolve));
    const first = next();
    const ended = watchBuilds(dir, {}, { onBuild, signal: control.signal });
    const change = async (run: () => void) => {
      const told = next();
      run();
      await told;
      return seen.at(-1);
    };
    try {
      await first;
      expect(existsSync(join(dir, "fleet/apps/web.dev.yaml"))).toBe(true);
      expect(await change(() => edit(dir, "apps/web.yaml", "LEVEL: info", "LEVEL: warn"))).toMatchObject({
        ok: true,
        quick: true,
        built: { folder: { written: 3 } },
      });
      await expectWhole(dir);
      const wrong = await change(() => edit(dir, "apps/web.yaml", "image:", "imge:"));
      expect(wrong).toMatchObject({ ok: false });
      const right = await change(() => edit(dir, "apps/web.yaml", "imge:", "image:"));
      expect(right).toMatchObject({ ok: true, quick: false, built: { folder: { written: 0 } } });
    } finally {
      control.abort();
    }
    await ended;
  }));
