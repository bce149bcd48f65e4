import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { treeDigest } from "../../changes/trees.ts";
import { compile } from "../../compile/index.ts";
import { registry } from "../../parts/index.ts";
import { declaredTree } from "../plan-trees.ts";
import { type SetOptions, setValues } from "./set.ts";
import { git, inRepository, read, yaml } from "./testing/company.ts";

const files = { "landfall.config.yaml": yaml };
const version = (value: string): SetOptions => ({
  kind: "version",
  values: [value],
  where: "tier=api",
  plan: false,
});

/** Every file of the fleet that a declaration gives, as one digest. */
async function fleetOf(dir: string): Promise<string> {
  return treeDigest(declaredTree(await compile(dir, { registry })));
}

test("one command is one commit of its files alone, and a revert restores every byte and the same fleet", async () => {
  await inRepository(files, async (dir) => {
    await setValues(dir, version("1.5.0"));
    const before = { text: read(dir, "values/all.json"), fleet: await fleetOf(dir) };
    writeFileSync(join(dir, "staged.txt"), "mine");
    writeFileSync(join(dir, "loose.txt"), "mine");
    git(dir, "add", "staged.txt");
    const { commit = "" } = await setValues(dir, version("1.6.0"));
    expect(git(dir, "rev-parse", "HEAD")).toBe(commit);
    expect(git(dir, "show", "--name-only", "--format=%s", commit).split("\n")).toEqual([
      "set version 1.6.0 for 2 apps",
      "",
      "values/all.json",
    ]);
    expect(git(dir, "show", "--no-patch", "--format=%b", commit)).toBe(
      "where tier=api\n\ncart: image 1.5.0 → 1.6.0\npay: image 1.5.0 → 1.6.0",
    );
    expect(git(dir, "status", "--porcelain").split("\n")).toEqual(["A  staged.txt", "?? loose.txt"]);
    expect(await fleetOf(dir)).not.toBe(before.fleet);
    git(dir, "rm", "--cached", "--quiet", "staged.txt");
    git(dir, "revert", "--no-edit", commit);
    expect({ text: read(dir, "values/all.json"), fleet: await fleetOf(dir) }).toEqual(before);
  });
});

test("values of several lines are told on one, and a hook's environment leads nowhere else", async () => {
  await inRepository(files, async (dir) => {
    process.env.GIT_INDEX_FILE = join(dir, "nowhere/index");
    try {
      const { commit = "" } = await setValues(dir, {
        kind: "env",
        values: ["A=1\n2"],
        where: "app=pay",
        plan: false,
      });
      delete process.env.GIT_INDEX_FILE;
      const [subject, , , , line] = git(dir, "show", "--no-patch", "--format=%B", commit).split("\n");
      expect([subject, line]).toEqual(["set env A=1 2 for 1 app", 'pay: env.A none → "1\\n2"']);
    } finally {
      delete process.env.GIT_INDEX_FILE;
    }
  });
});

test("a declaration below the top of its repository, where files and folders are new", async () => {
  const below = { "platform/one/landfall.config.yaml": yaml, "README.md": "x" };
  await inRepository(below, async (top) => {
    const dir = join(top, "platform/one");
    const { commit = "" } = await setValues(dir, { ...version("1.5.0"), where: "tier=api,region=us" });
    expect(git(top, "show", "--name-only", "--format=", commit)).toBe("platform/one/values/clusters/p2.json");
    git(top, "revert", "--no-edit", commit);
    expect(existsSync(join(dir, "values"))).toBe(false);
  });
});

test("changes that somebody has not committed are left alone", async () => {
  await inRepository(files, async (dir) => {
    await setValues(dir, version("1.5.0"));
    const mine = read(dir, "values/all.json").replace("1.5.0", "1.5.1");
    writeFileSync(join(dir, "values/all.json"), mine);
    await expect(setValues(dir, version("1.6.0"))).rejects.toThrow(/LF3009 values\/all.json has changes/);
    expect(read(dir, "values/all.json")).toBe(mine);
    const { commit, uncommitted } = await setValues(dir, { ...version("1.6.0"), commit: false });
    expect([commit, uncommitted]).toEqual([undefined, undefined]);
    expect(git(dir, "log", "--format=%s").split("\n")).toHaveLength(2);
  });
});

test("when the commit fails, every file is as it was", async () => {
  await inRepository(files, async (dir) => {
    await setValues(dir, version("1.5.0"));
    const before = read(dir, "values/all.json");
    mkdirSync(join(dir, ".git/hooks"), { recursive: true });
    writeFileSync(join(dir, ".git/hooks/pre-commit"), "#!/bin/sh\necho not on Fridays >&2\nexit 1\n");
    chmodSync(join(dir, ".git/hooks/pre-commit"), 0o755);
    for (const where of ["tier=api", "tier=api,env=prod"])
      await expect(setValues(dir, { ...version("1.6.0"), where })).rejects.toMatchObject({
        problems: [{ code: "LF3002", why: expect.stringContaining("not on Fridays") }],
      });
    expect(read(dir, "values/all.json")).toBe(before);
    expect(existsSync(join(dir, "values/environments/prod.json"))).toBe(false);
    expect(git(dir, "status", "--porcelain")).toBe("");
  });
});
