/** The real helm gives from the export what landfall renders itself. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile } from "../../compile/index.ts";
import type { Plan } from "../../compile/plan.ts";
import { compiled } from "../../compile/testing/declare.ts";
import { withoutDigest } from "../../kit/testing/without-digest.ts";
import { registry } from "../../parts/index.ts";
import { emitHelm } from "./index.ts";
import { hardApps } from "./testing/hard-apps.ts";
import {
  batchChart,
  byIdentity,
  helm,
  nativeObjects,
  objectsIn,
  prepareHelm,
  releasesOf,
  writeFiles,
} from "./testing/helm.ts";

const base = mkdtempSync(join(tmpdir(), "landfall-helm-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Compiled once, when it is first asked for. */
function once(make: () => Promise<Plan>): () => Promise<Plan> {
  let plan: Promise<Plan> | undefined;
  return () => {
    plan ??= make();
    return plan;
  };
}
const declared = (path: string) =>
  once(() => compile(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), { registry }));
const plans = {
  shop: declared("examples/shop"),
  estate: declared("examples/estate"),
  full: declared("test/declarations/full/landfall.config.yaml"),
  company: declared("test/golden/company"),
  hard: once(() => compiled({ "landfall.config.yaml": hardApps })),
};

function exported(name: string, plan: Plan): string {
  const folder = join(base, name);
  writeFiles(folder, emitHelm(plan));
  return folder;
}

beforeAll(async () => {
  expect(await prepareHelm()).toMatch(/^v3\.22\./);
});

test.each(Object.entries(plans))(
  "helm gives every app of %s as it is rendered natively",
  async (name, of) => {
    const plan = await of();
    const folder = exported(name, plan);
    expect(plan.clusters.length).toBeGreaterThan(0);
    for (const cluster of plan.clusters) {
      const chart = batchChart(folder, cluster.name);
      const made = byIdentity(objectsIn(helm(["template", "batch", chart], folder)));
      const native = byIdentity(nativeObjects(cluster));
      expect(Object.keys(native).length).toBeGreaterThan(0);
      expect(Object.keys(made).sort()).toEqual(Object.keys(native).sort());
      for (const [identity, object] of Object.entries(native))
        expect(made[identity], identity).toEqual(object);
      // Linting holds the values of every app against the chart's schema.
      helm(["lint", "--strict", chart], folder);
    }
  },
);

test("one app is installed from the chart and its values, or with what it calls", async () => {
  const plan = await plans.shop();
  const folder = exported("single", plan);
  const [cluster] = plan.clusters;
  const objectsOf = (...apps: string[]) =>
    byIdentity(
      cluster?.bundles
        .filter(({ kind, owner }) => kind === "app" && apps.includes(owner))
        .flatMap((b) => b.objects)
        .map(withoutDigest) ?? [],
    );
  const template = (...args: string[]) => byIdentity(objectsIn(helm(["template", ...args], folder)));
  helm(["lint", "--strict", "chart"], folder);
  for (const { name, namespace } of releasesOf(folder, "local")) {
    const values = ["-f", `values/${name}/dev.yaml`];
    helm(["lint", "--strict", "chart", ...values], folder);
    expect(template(name, "chart", "-n", namespace, ...values)).toEqual(objectsOf(name));
  }
  helm(["dependency", "build", "apps/storefront"], folder);
  const stack = ["apps/storefront", "-f", "apps/storefront/values-dev.yaml"];
  helm(["lint", "--strict", ...stack], folder);
  expect(template("storefront", ...stack)).toEqual(objectsOf("storefront"));
  expect(template("storefront", ...stack, "--set", "cart.enabled=true")).toEqual(
    objectsOf("storefront", "cart"),
  );
});

test("values that do not fit are refused by name", async () => {
  const folder = exported("refused", await plans.shop());
  const refused = (values: string) => {
    writeFileSync(join(folder, "bad.yaml"), values);
    return () => helm(["template", "x", "chart", "-f", "values/cart/dev.yaml", "-f", "bad.yaml"], folder);
  };
  expect(refused("replicas: many")).toThrow(/replicas.*want integer/s);
  expect(refused("imge: x")).toThrow(/imge/);
  expect(refused("env: { PORT: 80 }")).toThrow(/PORT/);
  expect(() => helm(["template", "x", "chart"], folder)).toThrow(/image\.repository is required/);
});

test("a name, a namespace and a version are the release's to choose", async () => {
  const folder = exported("chosen", await plans.shop());
  const args = ["template", "other", "chart", "-n", "elsewhere", "--set", "image.repository=r,image.tag=1e3"];
  const objects = objectsIn(helm(args, folder));
  expect(new Set(objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))).toEqual(
    new Set(["elsewhere/other"]),
  );
  expect(helm([...args, "--show-only", "templates/workload.yaml"], folder)).toContain("image: r:1e3");
});
