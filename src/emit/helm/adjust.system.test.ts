/** Patches of rendered objects mean the same to the chart as to the compiler, whatever they are. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renderApp } from "../../compile/render-app.ts";
import { sampleApp } from "../../kit/testing/samples.ts";
import { withoutDigest } from "../../kit/testing/without-digest.ts";
import { toYaml } from "../../util/yaml.ts";
import { chartFiles } from "./chart.ts";
import { batchOf, byIdentity, helm, objectsIn, prepareHelm, writeFiles } from "./testing/helm.ts";
import { valuesOf } from "./values.ts";

const folder = mkdtempSync(join(tmpdir(), "landfall-helm-adjust-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await prepareHelm();
});

/** Names that are in a rendered Deployment at one place or another, and some that are not. */
const names = fc.constantFrom("web", "tmp", "A", "B", "http", "metrics", "/tmp", "x", "10", "9", "name");
const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const { element } = fc.letrec((tie) => ({
  element: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(scalar, { maxLength: 2 }),
    fc.dictionary(names, tie("element"), { maxKeys: 4 }),
  ),
}));
const list = fc.record(
  {
    "*": element,
    $order: fc.array(names, { maxLength: 3 }),
    web: element,
    x: element,
    A: element,
    tmp: element,
    B: element,
  },
  { requiredKeys: [] },
);
const container = fc.record(
  { env: list, ports: list, volumeMounts: list, args: element, image: fc.constant("other:1") },
  { requiredKeys: [] },
);
const pod = fc.record(
  {
    containers: fc.record({ web: container, "*": container }, { requiredKeys: [] }),
    volumes: list,
    x: element,
  },
  { requiredKeys: [] },
);
const set = fc.record(
  { replicas: element, strategy: element, template: fc.record({ spec: pod }) },
  { requiredKeys: [] },
);

test("an app with any patch is rendered alike", () => {
  const patches = fc.sample(fc.array(set, { minLength: 1, maxLength: 2 }), {
    numRuns: 80,
    seed: Number(process.env.SEED ?? 7),
  });
  const services = { gateway: undefined, dns: undefined, metricsStore: undefined };
  const apps = patches.map((sets, i) => {
    // Through JSON, as a declaration has it: -0 is 0 there.
    const plain = JSON.parse(JSON.stringify(sets)) as Record<string, never>[];
    const patch = plain.map((spec) => ({ kind: "Deployment", set: { spec } }));
    const ports = [{ name: "http", port: 8080, protocol: "http" as const }];
    const app = sampleApp("web", ports, { env: { A: "1", B: "2" }, adjust: { patch } });
    return { ...app, namespace: `n-${i}` };
  });
  writeFiles(folder, new Map(chartFiles().map(([path, text]) => [`chart/${path}`, text])));
  const secret = (name: string) => name;
  const chart = batchOf(
    folder,
    "any",
    apps.map((app) => toYaml(valuesOf(app, services, secret))),
  );
  const made = byIdentity(objectsIn(helm(["template", "batch", chart], folder)));
  const native = byIdentity(apps.flatMap((app) => renderApp(app, services, secret)).map(withoutDigest));
  expect(Object.keys(made)).toHaveLength(Object.keys(native).length);
  for (const [identity, object] of Object.entries(native)) expect(made[identity], identity).toEqual(object);
});
