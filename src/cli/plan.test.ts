import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { documentOf, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();

const declaration = `landfall: 2
company: acme
clusters: { local: { type: local } }
parts: { flux: {}, local-path: {}, metrics-server: {} }
apps:
  web: { image: "nginx:1.27", ports: { http: 8080 }, calls: [cache] }
  cache:
    image: redis:7
    ports: { redis: 6379 }
    volumes: { data: { path: /data, size: 1Gi } }
`;

function startAcme() {
  const context = start();
  const dir = join(context.base, "acme");
  const config = join(dir, "landfall.config.yaml");
  mkdirSync(dir);
  writeFileSync(config, declaration);
  const write = (text: string) => writeFileSync(config, text);
  const edit = (from: string, to: string) =>
    writeFileSync(config, readFileSync(config, "utf8").replaceAll(from, to));
  const run = (...args: string[]) => context.landfall(args, { cwd: dir });
  const committed = async () => {
    const { code, stderr } = await run("build", "--commit");
    expect(code, stderr).toBe(0);
  };
  return { ...context, dir, write, edit, run, committed };
}

/** Whole outputs, reviewed. `UPDATE_GOLDEN=1` rewrites them. */
function expectGolden(name: string, text: string): void {
  const path = fileURLToPath(new URL(`./golden/${name}`, import.meta.url));
  // Commits differ from run to run.
  const steady = text.replaceAll(/\bmain at [0-9a-f]{8}/g, "main at 01234567");
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, steady);
  expect(steady).toBe(readFileSync(path, "utf8"));
}

test("a first plan creates everything and writes nothing", async () => {
  const { run, dir, base } = startAcme();
  const { code, stdout, stderr } = await run("plan");
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^\+ app web on local .*\n {4}\d+ objects: .*Deployment/m);
  expect(stdout).toMatch(/plan: \d+ to create; \+\d+ pods, \+[\d.]+ cpu, .*MiB/);
  expect(stderr).toContain("next: landfall build --commit");
  expect(existsSync(join(dir, "fleet"))).toBe(false);
  expect(existsSync(join(base, "home/fleets"))).toBe(false);
}, 60_000);

test("a rename, a removal and an immutable change in the words people read", async () => {
  const { run, edit, write, committed } = startAcme();
  await committed();
  const none = await run("plan", "--exit-code");
  expect(none).toMatchObject({ code: 0, stdout: "plan: no changes\n" });
  edit("cache", "store");
  edit("redis:7", "redis:7.0.15");
  const renamed = await run("plan", "--exit-code");
  expect(renamed.code).toBe(3);
  expectGolden("plan-rename.txt", renamed.stdout);
  edit("store", "cache");
  edit("size: 1Gi", "size: 2Gi");
  expectGolden("plan-immutable.txt", (await run("plan")).stdout);
  write(declaration.slice(0, declaration.indexOf("  cache:")).replace(", calls: [cache]", ""));
  expectGolden("plan-removal.txt", (await run("plan")).stdout);
  expectGolden("plan-removal.md", (await run("plan", "--markdown")).stdout);
}, 120_000);

test("--base compares with a folder or a commit, and names what is neither", async () => {
  const { run, edit, committed } = startAcme();
  await committed();
  edit("nginx:1.27", "nginx:1.28");
  for (const base of ["fleet", "main"])
    expect((await run("plan", "--base", base)).stdout).toContain("nginx:1.27 → nginx:1.28");
  const wrong = await run("plan", "--base", "nowhere");
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("LF3008") });
}, 120_000);

test("a saved plan is built as it was shown, or not at all", async () => {
  const { run, edit, committed, write, dir } = startAcme();
  await committed();
  edit("nginx:1.27", "nginx:1.28");
  expect(documentOf(await run("plan", "--out", "plan.json", "--json"))).toMatchObject({
    ok: true,
    company: "acme",
    base: { commit: expect.stringMatching(/^[0-9a-f]{40}$/) },
    changes: { summary: { change: 1, restarts: 1 }, units: [{ bundle: "app-web", clusters: ["local"] }] },
  });
  edit("nginx:1.28", "nginx:1.29");
  const changed = await run("build", "--plan", "plan.json", "--commit");
  expect(changed).toMatchObject({ code: 1, stderr: expect.stringContaining("LF3006") });
  edit("nginx:1.29", "nginx:1.28");
  const built = await run("build", "--plan", "plan.json", "--commit");
  expect(built, built.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("committed as") });
  const moved = await run("build", "--plan", "plan.json", "--commit");
  expect(moved).toMatchObject({ code: 1, stderr: expect.stringContaining("LF3005") });
  writeFileSync(join(dir, "plan.json"), "{}");
  write(declaration);
  const none = await run("build", "--plan", "plan.json");
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("LF3007") });
}, 120_000);

test("a rename with `moved` is committed in steps, and says what waits for the cluster", async () => {
  const { run, write, committed } = startAcme();
  await committed();
  write(
    declaration.replaceAll("cache", "store").replace("apps:", "moved: [{ from: cache, to: store }]\napps:"),
  );
  expectGolden("plan-moved.txt", (await run("plan")).stdout);
  const first = await run("build", "--commit");
  expect(first.stdout).toContain("hand-over: app-cache on local hands its objects to app-store");
  expect(first.stderr).toContain("next: landfall status · landfall build --commit");
  // No cluster runs here that could say it has applied the step, so nothing moves on.
  const again = await run("build", "--commit");
  expect(again.stdout).toContain("nothing to commit\n  hand-over: app-cache");
}, 120_000);

test("--live needs a cluster that answers, and goes with neither --base nor --out", async () => {
  const { run } = startAcme();
  const away = await run("plan", "--live", "--json");
  expect(documentOf(away).problems).toMatchObject([{ code: "LF6001" }]);
  expect(await run("plan", "--live", "--base", "x")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("LF9001"),
  });
  expect(documentOf(await run("plan", "--live", "--cluster", "locl", "--json")).problems).toMatchObject([
    { code: "LF1006", fix: "did you mean local?" },
  ]);
}, 60_000);
