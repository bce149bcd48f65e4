/** Paths that lead out of the declaration's folder: by `..`, from the root, or by a symbolic link. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildOf, declaration } from "./company.ts";

const web = "apps: { web: { image: 'nginx:1' } }";
const inside = "must stay inside the declaration's folder";

let elsewhere: string;
beforeEach(() => {
  elsewhere = mkdtempSync(join(tmpdir(), "landfall-elsewhere-"));
});
afterEach(() => rmSync(elsewhere, { recursive: true, force: true }));

const escapes = ["../x", "/etc", "a/../../x", "a/..", ".."];

test.each(escapes)("the path %s is refused in every field", async (path) => {
  const quoted = JSON.stringify(path);
  for (const rest of [
    `include: [${quoted}]`,
    `fleet: { path: ${quoted} }\n${web}`,
    `apps: { web: { source: ${quoted} } }`,
    `apps: { web: { source: { path: src, shared: [${quoted}] } } }`,
  ]) {
    const outcome = await buildOf({
      "landfall.config.yaml": declaration(rest),
      "src/package.json": "{}",
    });
    expect(outcome.written).toBe(0);
    expect(
      outcome.problems.map(({ code, what }) => `${code} ${what}`),
      rest,
    ).toEqual([expect.stringMatching(new RegExp(`^LF1003 .*${inside}`))]);
  }
});

test.each([
  ["an included folder", "include: [apps]", "apps"],
  ["a file of an included folder", "include: [apps]", "apps/b.yaml"],
  ["a source", "apps: { web: { source: src } }", "src"],
  ["a folder above a source", "apps: { web: { source: up/src } }", "up"],
  ["a shared folder", "apps: { web: { source: { path: own, shared: [lib] } } }", "lib"],
  ["a data file", web, "values/all.json"],
  ["the folder of data files", web, "values"],
])("%s that is a link to elsewhere is refused unread", async (_name, rest, link) => {
  mkdirSync(join(elsewhere, "src"));
  for (const name of ["package.json", "src/package.json"]) writeFileSync(join(elsewhere, name), "{}");
  writeFileSync(join(elsewhere, "b.yaml"), "image: taken-from-elsewhere:1\n");
  writeFileSync(join(elsewhere, "all.json"), "top-secret");
  const target = /\.\w+$/.test(link) ? join(elsewhere, link.slice(link.lastIndexOf("/") + 1)) : elsewhere;
  const files = {
    "landfall.config.yaml": declaration(rest),
    "own/package.json": "{}",
    ...(link.includes("/") && { [`${link.split("/")[0]}/.keep`]: "" }),
  };
  const outcome = await buildOf(files, { prepare: (folder) => symlinkSync(target, join(folder, link)) });
  expect(outcome.written).toBe(0);
  expect(outcome.problems).toHaveLength(1);
  const [only] = outcome.problems;
  expect(`${only?.what} ${only?.why}`).toMatch(/outside the declaration's folder/);
  expect(JSON.stringify(outcome)).not.toMatch(/top-secret|taken-from-elsewhere/);
});

test("a link that stays inside is followed", async () => {
  const outcome = await buildOf(
    { "landfall.config.yaml": declaration("include: [apps]"), "teams/a/web.yaml": "image: nginx:1\n" },
    { prepare: (folder) => symlinkSync("teams/a", join(folder, "apps")) },
  );
  expect(outcome.problems).toEqual([]);
  expect(outcome.written).toBeGreaterThan(0);
});

test("nothing is written below a link in the fleet's folder", async () => {
  const outcome = await buildOf(
    { "landfall.config.yaml": declaration(web), "fleet/.keep": "" },
    { prepare: (folder) => symlinkSync(elsewhere, join(folder, "fleet/apps")) },
  );
  expect(outcome.problems).toMatchObject([
    { code: "LF3001", what: expect.stringContaining("symbolic link") },
  ]);
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("a fleet folder that is a link to elsewhere is not written to unasked", async () => {
  const outcome = await buildOf(
    { "landfall.config.yaml": declaration(web) },
    { prepare: (folder) => symlinkSync(elsewhere, join(folder, "fleet")) },
  );
  expect(outcome.problems).toMatchObject([{ code: "LF3001", what: expect.stringContaining("outside") }]);
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("a file where the fleet has one, but as a link, is kept and its target too", async () => {
  const mine = join(elsewhere, "README.md");
  writeFileSync(mine, "mine");
  const outcome = await buildOf(
    { "landfall.config.yaml": declaration(web), "fleet/.keep": "" },
    { prepare: (folder) => symlinkSync(mine, join(folder, "fleet/README.md")) },
  );
  expect(outcome.problems).toMatchObject([{ code: "LF3004" }]);
  expect(existsSync(mine)).toBe(true);
});
