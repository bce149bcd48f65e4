import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { loadDeclaration } from "../model/load.ts";
import { type Company, parseCompany } from "../model/parse.ts";
import { inFolder } from "../util/testing/in-folder.ts";
import { checkWaves, resolveWaves } from "./waves.ts";

/** A company of these clusters, by name with their labels, and waves. */
function companyOf(clusters: Record<string, Record<string, string>>, waves: object[]): Promise<Company> {
  const named = Object.entries(clusters).map(([name, labels]) => [
    name,
    { type: "kubernetes", context: name, labels },
  ]);
  const declaration = { landfall: 2, company: "shop", clusters: Object.fromEntries(named), waves };
  return inFolder({ "landfall.config.yaml": stringify(declaration) }, async (dir) => {
    const { company, problems } = parseCompany(await loadDeclaration(dir));
    expect(problems).toEqual([]);
    return company as Company;
  });
}

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, {}]));
const inWaves = async (clusters: Parameters<typeof companyOf>[0], waves: object[]) => {
  const company = await companyOf(clusters, waves);
  expect(checkWaves(company)).toEqual([]);
  return Object.fromEntries(resolveWaves(company).map(({ spec, clusters: own }) => [spec.name, own]));
};

test("without waves all clusters are one", async () => {
  expect(await inWaves({ b: {}, a: {} }, [])).toEqual({ all: ["a", "b"] });
});

test("names and labels choose, a share and a number are drawn from what is left, and the rest is last", async () => {
  const clusters = { ...many(20), s1: { tier: "canary" }, s2: { tier: "canary", region: "us" } };
  const waves = [
    { name: "share", percent: 10 },
    { name: "canaries", labels: { tier: "canary" } },
    { name: "three", count: 3 },
    { name: "named", clusters: ["c0", "c1"] },
    { name: "others", rest: true },
  ];
  const found = await inWaves(clusters, waves);
  expect(found.canaries).toEqual(["s1", "s2"]);
  expect(found.named).toEqual(["c0", "c1"]);
  expect([found.share?.length, found.three?.length, found.others?.length]).toEqual([3, 3, 12]);
  expect(Object.values(found).flat().sort()).toEqual(Object.keys(clusters).sort());
  expect(await inWaves(clusters, waves)).toEqual(found);
  expect(await inWaves(Object.fromEntries(Object.entries(clusters).reverse()), waves)).toEqual(found);
});

test("every cluster is in one wave, and a new cluster moves one other at most between a count and the rest", async () => {
  const waves = [
    { name: "few", count: 4 },
    { name: "others", rest: true },
  ];
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 5, max: 40 }), async (count) => {
      const [before, after] = [await inWaves(many(count), waves), await inWaves(many(count + 1), waves)];
      expect(Object.values(after).flat().sort()).toEqual(Object.keys(many(count + 1)).sort());
      expect(before.few?.filter((name) => !after.few?.includes(name)).length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 20 },
  );
});

test("both forms of one company have the same waves, rules and versions", async () => {
  const folder = fileURLToPath(new URL("../../test/declarations/full/", import.meta.url));
  const [typescript, yaml] = await Promise.all(
    ["landfall.config.ts", "landfall.config.yaml"].map(async (file) => {
      const { company, problems } = parseCompany(await loadDeclaration(`${folder}${file}`));
      expect(problems).toEqual([]);
      const { waves, releases, apps } = (company as Company).spec;
      return { waves, releases, versions: apps.web?.versions };
    }),
  );
  expect(typescript).toEqual(yaml);
  expect(yaml?.waves.map(({ name }) => name)).toEqual(["home", "europe", "others"]);
  expect(yaml?.waves[1]?.gates.map((gate) => Object.keys(gate)[0])).toEqual([
    ...["soak", "promql", "burnRate", "hours", "approval", "http"],
  ]);
  expect(yaml?.versions).toEqual({ bad: { env: { FAULT: "1" } } });
});
