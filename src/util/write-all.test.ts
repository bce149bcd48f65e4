import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "./testing/in-folder.ts";
import { writeAll } from "./write-all.ts";

const here = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();

test("writes all, and puts all back", async () => {
  await inFolder({ a: "1" }, async (dir) => {
    chmodSync(join(dir, "a"), 0o600);
    const restore = writeAll([
      { path: join(dir, "a"), text: "2", before: "1" },
      { path: join(dir, "new/b"), text: "2", before: undefined },
    ]);
    expect(here(dir)).toEqual(["a", "b"]);
    expect(readFileSync(join(dir, "a"), "utf8")).toBe("2");
    expect(statSync(join(dir, "a")).mode & 0o777).toBe(0o600);
    restore();
    expect(here(dir)).toEqual(["a"]);
    expect(readFileSync(join(dir, "a"), "utf8")).toBe("1");
  });
});

test("writes none when one changed meanwhile, or cannot be written", async () => {
  await inFolder({ a: "1", b: "somebody else's" }, async (dir) => {
    const first = { path: join(dir, "a"), text: "2", before: "1" };
    expect(() => writeAll([first, { path: join(dir, "b"), text: "2", before: "1" }])).toThrow("LF3009");
    mkdirSync(join(dir, "c"));
    writeFileSync(join(dir, "c/inside"), "");
    expect(() => writeAll([first, { path: join(dir, "c"), text: "2", before: undefined }])).toThrow(/EISDIR/);
    expect(() => writeAll([first, { path: join(dir, "b/d"), text: "2", before: undefined }])).toThrow(
      /ENOTDIR|EEXIST/,
    );
    expect(readFileSync(join(dir, "a"), "utf8")).toBe("1");
    expect(here(dir)).toEqual(["a", "b", "inside"]);
  });
});
