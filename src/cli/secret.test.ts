import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOf, type Ran, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();
const value = "correct horse battery staple";

async function startAcme() {
  const context = start();
  const dir = join(context.base, "acme");
  await context.landfall(["init", "acme"]);
  const secret = (args: string[], input = "") => context.landfall(["secret", ...args], { cwd: dir, input });
  return { ...context, dir, secret };
}

/** Neither what was printed nor any file may hold a value. */
function expectUnseen(base: string, seen: string, ...runs: Ran[]): void {
  for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain(seen);
  const found = execFileSync("sh", ["-c", 'grep -rlF -- "$1" "$2" || true', "sh", seen, base], {
    encoding: "utf8",
  });
  expect(found).toBe("");
}

test("a value from stdin is kept encrypted and never shown", async () => {
  const { base, secret } = await startAcme();
  const set = await secret(["set", "stripe"], `${value}\n`);
  expect(set.code, set.stderr).toBe(0);
  expect(set.stderr).toContain("back it up");
  const listed = await secret(["list"]);
  expect(listed.stdout).toMatch(/stripe +every environment +value +set \d{4}-\d\d-\d\d/);
  const rotated = await secret(["rotate", "stripe", "--json"], "another horse");
  expect(documentOf(rotated)).toMatchObject({ ok: true, name: "stripe" });
  expectUnseen(base, value, set, listed, rotated);
  expectUnseen(base, "another horse", rotated);
});

test("a generated value can be rotated without giving one; its keys are listed", async () => {
  const { secret } = await startAcme();
  expect((await secret(["set", "token", "--generate", "32", "--env", "dev"])).code).toBe(0);
  expect((await secret(["rotate", "token", "--env", "dev"])).code).toBe(0);
  const { secrets } = documentOf(await secret(["list", "--json"])) as { secrets: Record<string, unknown>[] };
  expect(secrets).toEqual([
    expect.objectContaining({
      name: "token",
      environment: "dev",
      keys: ["value"],
      rotatedAt: expect.any(String),
    }),
  ]);
});

test.each([
  [["set", "stripe"], 4, "LF7001"],
  [["rotate", "nothing"], 4, "LF7001"],
  [["set", "stripe", "--generate", "3"], 2, "LF9001"],
  [["set", "stripe", "--generate", "many"], 2, "LF9001"],
])("%j without input is refused", async (args, code, problem) => {
  const { secret } = await startAcme();
  const refused = await secret([...args, "--json"]);
  expect(refused.code).toBe(code);
  expect(documentOf(refused).problems?.map((p) => p.code)).toEqual([problem]);
});

test("a damaged secrets file is told, and its content is not", async () => {
  const { secret } = await startAcme();
  const { file } = documentOf(await secret(["set", "stripe", "--json"], value)) as { file: string };
  writeFileSync(file, "value: {");
  const listed = await secret(["list", "--json"]);
  expect(JSON.stringify(documentOf(listed))).toContain("LF7003");
});
