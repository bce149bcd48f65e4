/** A disk that fills up while the fleet is written: what was there stays whole, and with room the build goes on. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { documentOf, useLandfall } from "../../src/cli/testing/landfall.ts";
import { declaration } from "./company.ts";

const start = useLandfall();

describe.skipIf(process.getuid?.() !== 0)("on a file system of its own", () => {
  let cli: ReturnType<typeof start>;
  let disk: string;

  beforeEach(() => {
    cli = start();
    disk = join(cli.base, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
  });
  afterEach(() => {
    execFileSync("umount", [disk]);
  });

  const declare = (version: string, size: number) =>
    writeFileSync(
      join(cli.base, "landfall.config.yaml"),
      declaration(
        `apps: { web: { image: 'nginx:${version}', config: { a.txt: ${"x".repeat(size)} } }, api: { image: 'api:${version}' } }`,
      ),
    );

  /** Take all that is left of the disk; `dd` ends with an error when it has. */
  const fill = () =>
    expect(() =>
      execFileSync("dd", ["if=/dev/zero", `of=${join(disk, "ballast")}`], { stdio: "ignore" }),
    ).toThrow();

  /** Every file below a folder with its content. */
  const tree = (folder: string) =>
    Object.fromEntries(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
    );

  test("the old tree stays whole, and the next build with room completes", async () => {
    const out = join(disk, "fleet");
    const build = () => cli.landfall(["build", ".", "--out", out, "--json"]);
    declare("1", 10);
    expect((await build()).code).toBe(0);
    const before = tree(out);

    declare("2", 10);
    fill();
    const full = await build();
    expect(full.code).not.toBe(0);
    expect(documentOf(full).problems).toMatchObject([
      { code: "LF3001", fix: expect.stringContaining("room") },
    ]);
    expect(tree(out)).toEqual(before);

    rmSync(join(disk, "ballast"));
    expect((await build()).code).toBe(0);
    const after = tree(out);
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    expect(JSON.stringify(after)).toContain("api:2");
    expect(JSON.stringify(after)).not.toContain("api:1");
  });

  test("a full home costs speed and no build", async () => {
    declare("1", 10);
    fill();
    const env = { LANDFALL_HOME: disk, NODE_COMPILE_CACHE: join(disk, "cache/node") };
    const ran = await cli.landfall(["build", "--json"], { env });
    expect(ran.code, ran.stdout).toBe(0);
  });
});
