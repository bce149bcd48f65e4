/** How the program is started: by any Node from 20 on, by npx and by npm in the checkout. */
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { program, run, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();
const checkout = fileURLToPath(new URL("../../", import.meta.url));
const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { version: string };

/** A Node on PATH that is too old to run landfall itself; npm's own folder of programs does not count. */
async function olderNode(): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(":")) {
    const node = join(folder, "node");
    if (folder.includes("node_modules") || !existsSync(node)) continue;
    const { stdout } = await run(node, ["--version"]);
    if (Number(/^v(\d+)/.exec(stdout)?.[1]) < 24) return node;
  }
  return undefined;
}

test.each([
  ["npx", ["--no-install", "landfall", "--version"]],
  ["npm", ["run", "-s", "landfall", "--", "--version"]],
])("%s %j works in the checkout", async (command, args) => {
  const { env } = start();
  const { code, stdout } = await run(command, args, { cwd: checkout, env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
});

test("an older Node hands over to the one that came with the package", async ({ skip }) => {
  const node = await olderNode();
  if (!node) skip("no Node older than 24 on PATH");
  const { base, env } = start();
  const ran = await run(node as string, [program, "init", "x", "--json"], { cwd: base, env });
  expect(ran.code, ran.stderr).toBe(0);
  const wrong = await run(node as string, [program, "chek"], { cwd: base, env });
  expect(wrong.code).toBe(2);
});

test("an older Node alone says what is needed", async ({ skip }) => {
  const node = await olderNode();
  if (!node) skip("no Node older than 24 on PATH");
  const { base } = start();
  // A checkout without its packages.
  mkdirSync(join(base, "bin"));
  cpSync(program, join(base, "bin/landfall.js"));
  cpSync(join(dirname(program), "../package.json"), join(base, "package.json"));
  const ran = await run(node as string, [join(base, "bin/landfall.js"), "check"], { cwd: base });
  expect(ran).toMatchObject({ code: 4, stdout: "" });
  expect(ran.stderr).toMatch(/needs Node 24 or newer: run `npm install`/);
});
