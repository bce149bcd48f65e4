import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { registry } from "../parts/index.ts";
import { canonicalJson } from "../util/hash.ts";
import { compile } from "./index.ts";
import type { Plan } from "./plan.ts";
import { compiled } from "./testing/declare.ts";

const full = (name: string) =>
  fileURLToPath(new URL(`../../test/declarations/full/${name}`, import.meta.url));

/** A plan without its places and timings: all that reaches the fleet repo. */
function content({ timings: _timings, ...plan }: Plan): unknown {
  const clusters = plan.clusters.map((cluster) => ({
    ...cluster,
    bundles: cluster.bundles.map(({ name, after, files, waivers, objects }) => {
      return { name, after, files, waivers, objects };
    }),
  }));
  return JSON.parse(JSON.stringify({ ...plan, clusters }));
}

test("TypeScript and YAML of one company compile to one plan", async () => {
  const [first, second] = await Promise.all([
    compile(full("landfall.config.ts"), { registry }),
    compile(full("landfall.config.yaml"), { registry }),
  ]);
  expect(content(first)).toEqual(content(second));
  expect(canonicalJson(content(first))).toBe(canonicalJson(content(second)));
  expect(first.clusters.map(({ name, apps }) => [name, apps.map((app) => app.name)])).toEqual([
    ["eu", ["api", "batch", "checkout", "quotes", "search", "store", "web"]],
    ["local", ["api", "checkout", "quotes", "search", "store", "web"]],
    ["us", ["api", "checkout", "quotes", "search", "store", "web"]],
  ]);
}, 30_000);

test("compiling twice gives the same bytes", async () => {
  const run = async () => content(await compile(full("landfall.config.yaml"), { registry }));
  expect(JSON.stringify(await run())).toBe(JSON.stringify(await run()));
});

test("the order of apps in the declaration changes nothing", async () => {
  const app = (name: string, calls: string[]): [string, object] => [
    name,
    { image: `${name}:1`, ports: { http: 80 }, calls, env: { B: 1, A: name } },
  ];
  const apps = [app("a", ["b", "c"]), app("b", ["c"]), app("c", ["a"]), app("d", []), app("e", ["d"])];
  const planOf = async (list: [string, object][]) => {
    const declaration = {
      landfall: 2,
      company: "shop",
      clusters: { one: { type: "kubernetes", context: "one" }, two: { type: "kubernetes", context: "two" } },
      parts: { flux: {} },
      apps: Object.fromEntries(list),
    };
    const plan = await compiled({ "landfall.config.yaml": stringify(declaration) });
    return JSON.stringify({ ...(content(plan) as Plan), dir: "" });
  };
  const expected = await planOf(apps);
  const shuffled = fc.shuffledSubarray(apps, { minLength: apps.length });
  await fc.assert(
    fc.asyncProperty(shuffled, async (list) => {
      expect(await planOf(list)).toBe(expected);
    }),
    { numRuns: 10, seed: 3 },
  );
}, 30_000);
