/**
 * A declaration that uses everything, with one to three values replaced by what does not belong there: it compiles, or
 * it is refused by problems that a person can act on. `SEED=… RUNS=… vitest run test/bad-input/mutations` runs more.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { load } from "js-yaml";
import { afterAll, expect, test, vi } from "vitest";
import { compile } from "../../src/compile/index.ts";
import { emitFleet } from "../../src/emit/flux/index.ts";
import { registry } from "../../src/parts/index.ts";
import { LandfallError } from "../../src/util/errors.ts";

const full = fileURLToPath(new URL("../declarations/full/landfall.config.yaml", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "landfall-mutations-"));
vi.stubEnv("LANDFALL_HOME", join(folder, "home"));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** What the full declaration of both forms has not. */
const more = {
  overlays: [{ where: { environment: "prod" }, apps: { tier: "web" }, set: { env: { A: "1" } } }],
  moved: [{ from: "basket", to: "web" }],
};
const moreOfWeb = {
  labels: { tier: "web" },
  waive: [{ rule: "read-only-root", reason: "the image writes to its own folder", until: "2099-01-31" }],
  adjust: {
    omit: ["PodDisruptionBudget"],
    patch: [{ kind: "Deployment", name: "web", set: { spec: { revisionHistoryLimit: 3 } } }],
  },
};

type Tree = { [key: string]: Tree } | Tree[] | string | number | boolean | null;

function base(): { [key: string]: Tree } {
  const tree = load(readFileSync(full, "utf8")) as { apps: Record<string, object> };
  const { api, web } = tree.apps;
  // Its source would be looked for on every run.
  const apps = {
    ...tree.apps,
    api: { ...api, source: undefined, image: "api:1" },
    web: { ...web, ...moreOfWeb },
  };
  return JSON.parse(JSON.stringify({ ...tree, ...more, apps })) as { [key: string]: Tree };
}

/** Every place of a tree: what holds it, and its key. */
function placesIn(tree: Tree): [holder: Record<string, Tree>, key: string][] {
  if (tree === null || typeof tree !== "object") return [];
  return Object.entries(tree).flatMap(([key, value]) => [
    [tree as Record<string, Tree>, key] as [Record<string, Tree>, string],
    ...placesIn(value),
  ]);
}

const misfit: fc.Arbitrary<Tree> = fc.oneof(
  fc.constantFrom<Tree>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e21,
    "",
    " ",
    "nobody",
    "web",
    "yes",
    "../x",
    "a".repeat(300),
  ),
  fc.constantFrom<Tree>([], {}, [null], [[]], [{}], { a: null }, { secret: "none" }, { "": 1 }, [
    "web",
    "web",
  ]),
  fc.constantFrom<Tree>(
    "\u0000",
    "\ud800",
    "💥",
    "$(A)",
    "{{ x }}",
    "prod",
    { environment: "nowhere" },
    2 ** 53,
  ),
);
const mutations = fc.array(fc.record({ at: fc.nat(), value: misfit, rename: fc.boolean() }), {
  minLength: 1,
  maxLength: 3,
});

function mutated(changes: { at: number; value: Tree; rename: boolean }[]): string {
  const tree = base();
  for (const { at, value: drawn, rename } of changes) {
    // A later change may land in it.
    const value = structuredClone(drawn);
    const places = placesIn(tree);
    const [holder, key] = places[at % places.length] as [Record<string, Tree>, string];
    if (rename && !Array.isArray(holder) && typeof value === "string") {
      holder[value] = holder[key] as Tree;
      delete holder[key];
    } else holder[key] = value;
  }
  return JSON.stringify(tree);
}

test("a misfit is refused with a problem to act on, or does no harm", async () => {
  const runs = Number(process.env.RUNS ?? 200);
  const seed = process.env.SEED === undefined ? 4 : Number(process.env.SEED);
  let refused = 0;
  const property = fc.asyncProperty(mutations, async (changes) => {
    const text = mutated(changes);
    writeFileSync(join(folder, "landfall.config.yaml"), text);
    try {
      const plan = await compile(folder, { registry });
      expect(emitFleet(plan).size).toBeGreaterThan(0);
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error;
      refused++;
      for (const { code, what, where } of error.problems) {
        expect(code).not.toBe("LF9002");
        expect(what, `${code} ${what}`).not.toMatch(/undefined is|\[object|is not a function|Cannot read/);
        expect(where?.file, `${code} ${what}`).toBeTruthy();
      }
    }
  });
  await fc.assert(property, { numRuns: runs, seed });
  expect(refused).toBeGreaterThan(runs / 2);
}, 600_000);
