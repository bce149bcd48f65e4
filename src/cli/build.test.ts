import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();

async function startAcme() {
  const context = start();
  await context.landfall(["init", "acme", "--form", "yaml"]);
  const dir = join(context.base, "acme");
  const config = join(dir, "landfall.config.yaml");
  const edit = (from: string, to: string) =>
    writeFileSync(config, readFileSync(config, "utf8").replaceAll(from, to));
  const build = (...args: string[]) => context.landfall(["build", ...args], { cwd: dir });
  return { ...context, dir, edit, build, fleet: join(dir, "fleet") };
}

test("a second build writes nothing, a change only its files, and stale ones are removed", async () => {
  const { build, edit, fleet } = await startAcme();
  const { written } = documentOf(await build("--json")).folder as { written: number };
  expect(written).toBeGreaterThan(50);
  expect((await build()).stdout).toBe(`✔ fleet: 0 files written, 0 removed, ${written} unchanged\n`);
  edit("Hello from", "Good day from");
  expect((await build()).stdout).toContain(" 1 file written, 0 removed");
  edit("  hello:", "  hallo:");
  writeFileSync(join(fleet, "apps/notes.md"), "mine");
  await build();
  expect(existsSync(join(fleet, "apps/hello.yaml"))).toBe(false);
  expect(readFileSync(join(fleet, "apps/notes.md"), "utf8")).toBe("mine");
  expect(existsSync(join(fleet, "apps/hallo.yaml"))).toBe(true);
}, 60_000);

test("files changed by hand are refused until --force", async () => {
  const { build, fleet } = await startAcme();
  await build();
  const route = join(fleet, "apps/hello.yaml");
  appendFileSync(route, "# by hand\n");
  const refused = await build();
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("LF3004");
  expect(refused.stderr).toContain("fleet/apps/hello.yaml");
  expect(readFileSync(route, "utf8")).toContain("# by hand");
  expect((await build("--force")).stdout).toContain(" 1 file written");
  expect(readFileSync(route, "utf8")).not.toContain("# by hand");
});

test("--out writes elsewhere", async () => {
  const { build, base, fleet } = await startAcme();
  const built = await build("--out", "../elsewhere");
  expect(built.code).toBe(0);
  expect(existsSync(join(base, "elsewhere/README.md"))).toBe(true);
  expect(existsSync(fleet)).toBe(false);
});

test("--commit makes the fleet repo and commits what changed", async () => {
  const { build, edit, env } = await startAcme();
  const first = documentOf(await build("--commit", "--json", "-m", "feat: first light"));
  const { commit } = first.commit as { commit: string };
  const repo = findRepo(env.LANDFALL_HOME);
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", repo, ...args], { encoding: "utf8" }).trimEnd();
  expect(git("rev-parse", "--is-bare-repository")).toBe("true");
  expect(git("log", "--format=%H %s", "main")).toBe(`${commit} feat: first light`);
  expect(git("show", "main:README.md")).toContain("# The fleet of acme");
  expect((await build("--commit")).stdout).toContain(", nothing to commit");
  expect(git("rev-list", "--count", "main")).toBe("1");
  edit("Hello from", "Good day from");
  expect((await build("--commit")).stdout).toMatch(/, committed as [0-9a-f]{8}/);
  expect(git("diff", "--name-only", "main~1", "main").split("\n")).toHaveLength(1);
}, 60_000);

test("a declaration with errors writes nothing and exits with 2", async () => {
  const { build, edit, fleet } = await startAcme();
  edit("source: services/hello", "sauce: services/hello");
  const failed = await build();
  expect(failed).toMatchObject({ code: 2, stdout: "" });
  expect(failed.stderr).toMatch(/LF1004 .*sauce/);
  expect(failed.stderr).toMatch(/landfall\.config\.yaml:\d+/);
  expect(existsSync(fleet)).toBe(false);
});

function findRepo(home: string): string {
  const found = execFileSync("find", [home, "-name", "HEAD", "-path", "*acme*"], { encoding: "utf8" });
  return found.split("\n")[0]?.replace(/\/HEAD$/, "") ?? "";
}

test("watching writes the fleet's files and nothing else", async () => {
  const { build, fleet } = await startAcme();
  for (const other of [["--commit"], ["--plan", "plan.json"]]) {
    const refused = await build("--watch", ...other);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("LF9001")]);
  }
  expect(existsSync(fleet)).toBe(false);
});
