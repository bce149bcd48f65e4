import { describe, expect, test } from "vitest";
import { compile } from "../../compile/index.ts";
import { placements } from "../../compile/resolve.ts";
import { loadDeclaration } from "../../model/load.ts";
import { parseCompany } from "../../model/parse.ts";
import { registry } from "../../parts/index.ts";
import { inFolder } from "../../util/testing/in-folder.ts";
import { generateEstate } from "./generate.ts";
import { estateFiles, parseEstate } from "./index.ts";

const forms = [{ form: "yaml" }, { form: "ts" }, { form: "ts", files: true }] as const;
const small = { apps: 200, clusters: 20, seed: 7 };

test.each(forms)("the same seed gives the same bytes, another one others (%j)", (form) => {
  const files = (seed: number) => JSON.stringify(estateFiles("acme", { ...small, ...form, seed }));
  expect(files(7)).toBe(files(7));
  expect(files(8)).not.toBe(files(7));
});

describe("an estate of 10,000 apps on 1,000 clusters", () => {
  const { apps, clusters } = generateEstate({ apps: 10_000, clusters: 1_000, seed: 1 }, "acme");
  const byName = new Map(apps.map((app) => [app.name, app]));

  test("has as many of each as asked, with names that Kubernetes takes", () => {
    expect([byName.size, new Set(clusters.map(({ name }) => name)).size]).toEqual([10_000, 1_000]);
    expect([...byName.keys()].filter((name) => !/^[a-z][-a-z0-9]{1,49}$/.test(name))).toEqual([]);
  });

  test("has overrides on 20 % of the apps and volumes on 5 %", () => {
    expect(apps.filter(({ more }) => more.overrides)).toHaveLength(2_000);
    expect(apps.filter(({ more }) => more.volumes)).toHaveLength(500);
    expect(apps.filter(({ more }) => (more.expose?.length ?? 0) > 1).length).toBeGreaterThan(300);
  });

  test("calls in layers, with hubs, depth and cycles", () => {
    const calls = apps.flatMap((app) => app.calls);
    const callers = Map.groupBy(calls, (name) => name);
    const busiest = Math.max(...[...callers.values()].map(({ length }) => length));
    expect(busiest).toBeGreaterThan((10 * calls.length) / callers.size);
    const depths = new Map<string, number>();
    let cycles = 0;
    const depthOf = (name: string): number => {
      const known = depths.get(name);
      if (known === -1) cycles++;
      if (known !== undefined) return Math.max(0, known);
      depths.set(name, -1);
      const depth = 1 + Math.max(0, ...(byName.get(name)?.calls ?? []).map(depthOf));
      depths.set(name, depth);
      return depth;
    };
    expect(Math.max(...apps.map(({ name }) => depthOf(name)))).toBeGreaterThan(6);
    expect(cycles).toBeGreaterThan(10);
  });
});

test("a program of 10,000 apps loads and places each about 30 times", async () => {
  const files = estateFiles("acme", { apps: 10_000, clusters: 1_000, seed: 1, form: "ts" });
  await inFolder(files, async (dir) => {
    const { company, problems } = parseCompany(await loadDeclaration(dir));
    expect(problems).toEqual([]);
    const placed = placements(company as NonNullable<typeof company>);
    const sum = [...placed.values()].reduce((total, { length }) => total + length, 0);
    expect(sum / placed.size).toBeGreaterThan(25);
    expect(sum / placed.size).toBeLessThan(35);
  });
});

test.each([...forms, ...forms.map((form) => ({ ...form, seed: 8 }))])(
  "200 apps on 20 clusters compile without an error or a warning (%j)",
  async (form) => {
    await inFolder(estateFiles("acme", { ...small, ...form }), async (dir) => {
      const plan = await compile(dir, { registry });
      expect(plan.warnings).toEqual([]);
      expect(plan.clusters).toHaveLength(20);
      expect(new Set(plan.clusters.flatMap(({ apps }) => apps.map(({ name }) => name))).size).toBe(200);
    });
  },
  120_000,
);

test("all forms declare the same", async () => {
  const trees = forms.map((form) =>
    inFolder(estateFiles("acme", { ...small, ...form }), async (dir) => {
      const { company } = parseCompany(await loadDeclaration(dir));
      return { ...company?.spec, include: [] };
    }),
  );
  const [yaml, program, files] = await Promise.all(trees);
  expect(program).toEqual(yaml);
  expect(files).toEqual(yaml);
});

test.each([1, 2, 3, 5, 8, 13, 21])("an estate of %i apps and clusters is whole", (size) => {
  const { apps, clusters } = generateEstate({ apps: size, clusters: size, seed: 3 }, "acme");
  expect([apps.length, clusters.length]).toEqual([size, size]);
  const names = new Set(apps.map(({ name }) => name));
  expect(apps.flatMap(({ calls }) => calls).filter((name) => !names.has(name))).toEqual([]);
});

test.each([
  ["apps=10,clusters=2", "3", { apps: 10, clusters: 2, seed: 3 }],
  ["apps=10", "0", { apps: 10, clusters: 10, seed: 0 }],
])("--estate %s --seed %s", (text, seed, size) => {
  expect(parseEstate(text, seed)).toEqual(size);
});

test.each([
  ["apps=0", "1"],
  ["apps=1e3", "1"],
  ["nodes=5", "1"],
  ["apps=200000", "1"],
  ["", "1"],
  ["apps=10", "-1"],
  ["apps=10", "x"],
])("--estate %j --seed %j is wrong usage", (text, seed) => {
  expect(() => parseEstate(text, seed)).toThrow("LF9001");
});
