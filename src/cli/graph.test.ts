import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { documentOf, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();
const full = fileURLToPath(new URL("../../test/declarations/full/landfall.config.yaml", import.meta.url));

/** A company whose apps are these lines of YAML. */
function startWith(apps: string) {
  const context = start();
  const text = `landfall: 2\ncompany: ring\nclusters: { one: { type: kubernetes, context: one } }\nparts: { flux: {} }\napps:\n${apps}`;
  writeFileSync(join(context.base, "landfall.config.yaml"), text);
  return context;
}

const ring = (count: number, more = (_: number) => "") =>
  Array.from(
    { length: count },
    (_, i) => `  a${i}: { image: "x:1", calls: [a${(i + 1) % count}]${more(i)} }\n`,
  ).join("");

test("text names callers, cycles, hosts and shared data", async () => {
  const { landfall } = startWith(`${ring(3)}  lone: { image: "x:1" }\n`);
  const { code, stdout } = await landfall(["graph"]);
  expect(code).toBe(0);
  expect(stdout).toBe(`ring: 4 apps, 1 part, 0 host names, 0 secrets, 0 volumes, 3 calls

apps, and what they call
  a0    → a1
  a1    → a2
  a2    → a0
  lone

cycles of calls (allowed)
  a0 → a1 → a2 → a0

parts, and what of others they need or use
  flux
`);
  const json = documentOf(await landfall(["graph", "--json"]));
  expect(json).toMatchObject({ cycles: [{ path: ["app/a0", "app/a1", "app/a2"] }], ok: true });
  expect(documentOf(await landfall(["graph", "--format", "json"]))).toEqual(json);
});

test("impact tells who is reached, how far away, by whom, and where", async () => {
  const { landfall } = start();
  const { stdout } = await landfall(["graph", full, "--impact", "store"]);
  expect(stdout).toBe(`a change of app store can reach 2 apps and 2 host names, on 3 clusters: eu, local, us

by distance
  1  app   api
  2  app   web                 by api
  2  host  api.shop.localhost  by api
  3  host  shop.localhost      by web
`);
  const json = documentOf(await landfall(["graph", full, "--impact", "api", "--json"]));
  expect(json).toMatchObject({ id: "app/api", sharing: [{ node: "secret/stripe", apps: ["app/web"] }] });
  const drawn = await landfall(["graph", full, "--impact", "api", "--format", "svg"]);
  expect(drawn.stdout).toContain("what a change of api can reach");
  expect(drawn.stdout).not.toContain(">batch<");
  const unknown = await landfall(["graph", full, "--impact", "stor"]);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/LF1005.*\n.*did you mean store/) });
});

test("order gives waves; cycles of calls are said, cycles of after are errors", async () => {
  const { landfall } = start();
  const { stdout } = await landfall(["graph", full, "--order"]);
  const waves = stdout.split("\n").filter((line) => /^ {2}\d/.test(line));
  expect(waves).toHaveLength(4);
  expect(waves[3]).toBe("  4  checkout, quotes, search, web, load-tester");
  const calling = startWith(ring(3));
  expect((await calling.landfall(["graph", "--order"])).stdout).toContain(
    "not ordered, for they lie on a cycle\n  a0 → a1",
  );
  const waiting = startWith(`  a: { image: "x:1", after: [b] }\n  b: { image: "x:1", after: [a] }\n`);
  const refused = await waiting.landfall(["graph", "--order"]);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("a → b → a") });
  expect(await landfall(["graph", full, "--order", "--format", "svg"])).toMatchObject({ code: 2 });
}, 60_000);

test("where and cluster narrow, and say what they cut", async () => {
  const labelled = ring(4, (i) => `, labels: { tier: ${i < 2 ? "web" : "data"} }`);
  const { landfall } = startWith(labelled);
  const web = await landfall(["graph", "--where", "tier=web"]);
  expect(web.stdout).toContain("ring: 2 apps, 0 parts");
  expect(web.stderr).toContain("2 edges lead to apps that are not selected");
  expect((await landfall(["graph", "--where", "app=a3"])).stdout).toContain("ring: 1 app,");
  const none = await landfall(["graph", "--where", "tier=wep"]);
  expect(none).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/LF1018 no app is selected by tier=wep/),
  });
  expect(await landfall(["graph", "--where", "tier"])).toMatchObject({ code: 2 });
  const nowhere = await landfall(["graph", "--cluster", "ono"]);
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringMatching(/LF1006[\s\S]*did you mean one/) });
}, 60_000);

test("a large estate is drawn by group, and that is said", async () => {
  const { landfall } = startWith(ring(200, (i) => `, labels: { team: t${i % 5} }`));
  const { stdout, stderr, code } = await landfall(["graph", "--format", "svg"]);
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("200 apps by team, in 5 groups"),
  });
  expect(stdout).toMatch(/^<svg [\s\S]*40 apps[\s\S]*<\/svg>\n$/);
  const dot = await landfall(["graph", "--format", "dot"]);
  expect(dot.stdout.match(/->/g)).toHaveLength(200);
}, 60_000);

test("compare tells what another declaration has more and less", async () => {
  const { landfall, base } = startWith(ring(3));
  const config = join(base, "other.yaml");
  writeFileSync(
    config,
    `landfall: 2\ncompany: ring\nclusters: { one: { type: kubernetes, context: one } }\nparts: { flux: {} }\napps:\n${ring(2)}`,
  );
  const { stdout } = await landfall(["graph", "--compare", config]);
  expect(stdout.split("\n")).toEqual([
    "+ app a2",
    "+ app/a1 calls app/a2",
    "+ app/a2 calls app/a0",
    "- app/a1 calls app/a0",
    "",
  ]);
});
