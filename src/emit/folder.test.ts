import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LandfallError } from "../util/errors.ts";
import { inFolder } from "../util/testing/in-folder.ts";
import { writeFolder } from "./folder.ts";

const files = (entries: Record<string, string>) => new Map(Object.entries(entries));
const read = (folder: string, path: string) => readFileSync(join(folder, path), "utf8");
const visible = (folder: string) => readdirSync(folder).filter((name) => name !== ".landfall-files.json");

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof LandfallError) return error.message.slice(0, 6);
    throw error;
  }
  return "done";
}

test("a folder holds exactly what it shall; stale files go with their empty folders", () =>
  inFolder({}, async (base) => {
    const out = join(base, "fleet");
    expect(writeFolder(out, files({ "a/b/one": "1", two: "2" }))).toEqual({
      written: 2,
      removed: 0,
      unchanged: 0,
    });
    expect(writeFolder(out, files({ two: "2", three: "3" }))).toEqual({
      written: 1,
      removed: 1,
      unchanged: 1,
    });
    expect(visible(out).sort()).toEqual(["three", "two"]);
    expect(readdirSync(base)).toEqual(["fleet"]);
  }));

test("a person's file is never overwritten or removed unasked", () =>
  inFolder({ "fleet/mine": "mine", "fleet/notes/own": "own" }, async (base) => {
    const out = join(base, "fleet");
    expect(codeOf(() => writeFolder(out, files({ mine: "landfall's" })))).toBe("LF3004");
    writeFolder(out, files({ one: "1", two: "2" }));
    writeFileSync(join(out, "one"), "edited");
    expect(codeOf(() => writeFolder(out, files({ one: "1", two: "2" })))).toBe("LF3004");
    expect(codeOf(() => writeFolder(out, files({ two: "2" })))).toBe("LF3004");
    expect([read(out, "one"), read(out, "mine"), read(out, "notes/own")]).toEqual(["edited", "mine", "own"]);
    writeFolder(out, files({ two: "2" }), { force: true });
    expect(visible(out).sort()).toEqual(["mine", "notes", "two"]);
  }));

test("what equals the new content is nobody's edit", () =>
  inFolder({ "fleet/one": "1" }, async (base) => {
    expect(writeFolder(join(base, "fleet"), files({ one: "1" }))).toEqual({
      written: 0,
      removed: 0,
      unchanged: 1,
    });
  }));

test("a manifest that was tampered with removes nothing outside", () =>
  inFolder({ precious: "x" }, async (base) => {
    const out = join(base, "fleet");
    const manifest = { "../precious": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" };
    mkdirSync(out);
    writeFileSync(join(out, ".landfall-files.json"), JSON.stringify(manifest));
    writeFolder(out, files({ one: "1" }), { force: true });
    expect(read(base, "precious")).toBe("x");
  }));

test("a damaged manifest is made anew", () =>
  inFolder({ "fleet/.landfall-files.json": '{"one"', "fleet/one": "1" }, async (base) => {
    const out = join(base, "fleet");
    expect(writeFolder(out, files({ one: "1", two: "2" }))).toEqual({ written: 1, removed: 0, unchanged: 1 });
    expect(writeFolder(out, files({ two: "2" })).removed).toBe(1);
  }));

test("a build that stops half-way is completed by the next, whatever that one shall write", () =>
  inFolder({}, async (base) => {
    const out = join(base, "fleet");
    writeFolder(out, files({ a: "1", b: "1", "c/d": "1", old: "1" }));
    // A folder stands where a file shall be: the renames stop there.
    rmSync(join(out, "c"), { recursive: true });
    mkdirSync(join(out, "c/d/x"), { recursive: true });
    expect(codeOf(() => writeFolder(out, files({ a: "2", b: "2", "c/d": "2", e: "2" })))).toBe("LF3001");
    expect([read(out, "a"), read(out, "old")]).toEqual(["2", "1"]);
    rmSync(join(out, "c"), { recursive: true });
    writeFolder(out, files({ a: "3", "c/d": "3" }));
    expect([read(out, "a"), read(out, "c/d")]).toEqual(["3", "3"]);
    expect(visible(out).sort()).toEqual(["a", "c"]);
  }));

test("what a killed build left aside is removed", () =>
  inFolder({}, async (base) => {
    const { pid } = spawnSync("true");
    const left = join(base, `fleet/.landfall.${pid}-0badcafe.tmp`);
    mkdirSync(left, { recursive: true });
    writeFolder(join(base, "fleet"), files({ one: "1" }));
    expect(existsSync(left)).toBe(false);
  }));

describe.skipIf(process.getuid?.() !== 0)("on a file system of 256 KiB", () => {
  const out = join("/tmp", `landfall-small-${process.pid}`);
  beforeEach(() => {
    mkdirSync(out);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", out]);
  });
  afterEach(() => {
    execFileSync("umount", [out]);
    rmSync(out, { recursive: true });
  });

  test("a full disk leaves the old tree as it was, and with room the build goes on", () => {
    writeFolder(out, files({ one: "1", gone: "1" }));
    const large = files({ one: "2", large: "x".repeat(300 * 1024) });
    expect(codeOf(() => writeFolder(out, large))).toBe("LF3001");
    expect([read(out, "one"), read(out, "gone")]).toEqual(["1", "1"]);
    expect(visible(out).sort()).toEqual(["gone", "one"]);
    execFileSync("mount", ["-o", "remount,size=1m", out]);
    expect(writeFolder(out, large)).toEqual({ written: 2, removed: 1, unchanged: 0 });
  });
});

test.skipIf(process.getuid?.() === 0)("a folder without write permission is told", () =>
  inFolder({}, async (base) => {
    chmodSync(base, 0o500);
    expect(codeOf(() => writeFolder(join(base, "fleet"), files({ one: "1" })))).toBe("LF3001");
    chmodSync(base, 0o700);
  }),
);
