import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolderAtomic, writeFileAtomic } from "./files.ts";
import { inFolder } from "./testing/in-folder.ts";

test("a file is written with its folders and mode, and replaced as a whole", () =>
  inFolder({}, async (folder) => {
    const file = join(folder, "a/b/c.txt");
    writeFileAtomic(file, "one", 0o600);
    writeFileAtomic(file, "two", 0o600);
    expect(readFileSync(file, "utf8")).toBe("two");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, "a/b"))).toEqual(["c.txt"]);
  }));

test("a write that fails leaves nothing behind", () =>
  inFolder({ "taken/file": "x" }, async (folder) => {
    expect(() => writeFileAtomic(join(folder, "taken"), "y")).toThrow();
    expect(readdirSync(folder)).toEqual(["taken"]);
  }));

test("a folder appears whole, or not at all", () =>
  inFolder({}, async (folder) => {
    const path = join(folder, "cache/key");
    const broken = makeFolderAtomic(path, async (aside) => {
      writeFileSync(join(aside, "half"), "x");
      throw new Error("stopped");
    });
    await expect(broken).rejects.toThrow("stopped");
    expect(readdirSync(join(folder, "cache"))).toEqual([]);
    await makeFolderAtomic(path, async (aside) => {
      expect(existsSync(path)).toBe(false);
      writeFileSync(join(aside, "whole"), "x");
    });
    expect(readdirSync(join(folder, "cache"))).toEqual(["key"]);
    expect(readdirSync(path)).toEqual(["whole"]);
  }));

test("who was first with a folder wins, and the other's is gone", () =>
  inFolder({}, async (folder) => {
    const path = join(folder, "key");
    await makeFolderAtomic(path, async (aside) => {
      writeFileSync(join(aside, "second"), "x");
      mkdirSync(path);
      writeFileSync(join(path, "first"), "x");
    });
    expect(readdirSync(path)).toEqual(["first"]);
    expect(readdirSync(folder)).toEqual(["key"]);
  }));
