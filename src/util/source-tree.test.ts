import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ignoreMatcher } from "./ignore-globs.ts";
import { listSource, sourceHash } from "./source-tree.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "source-tree-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string | Uint8Array = path): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const paths = (path: string, shared: string[] = []) =>
  listSource(root, path, shared).map((file) => file.path);

describe("listSource", () => {
  test("lists the folder and the shared ones, sorted, without what is never source", () => {
    for (const path of ["app/z.js", "app/a/b.js", "proto/x.proto", "other/no.js"]) write(path);
    for (const name of [".git", "node_modules", "__pycache__", ".venv", "dist"]) write(`app/a/${name}/no`);
    expect(paths("app", ["proto"])).toEqual(["app/a/b.js", "app/z.js", "proto/x.proto"]);
  });

  test("a file named in two folders is listed once", () => {
    write("app/lib/x");
    expect(paths("app", ["app/lib"])).toEqual(["app/lib/x"]);
  });

  test(".landfallignore takes files away and gives back", () => {
    for (const path of ["app/a.log", "app/keep.log", "app/dist/x.js", "app/docs/d.md"]) write(path);
    write("app/.landfallignore", "# notes\n*.log\n!keep.log\n!dist/\n/docs/\n");
    expect(paths("app")).toEqual(["app/dist/x.js", "app/keep.log"]);
  });

  test("gives mode, size and digest", () => {
    write("app/run.sh", "abc");
    chmodSync(join(root, "app/run.sh"), 0o700);
    expect(listSource(root, "app")).toEqual([
      {
        path: "app/run.sh",
        mode: 0o755,
        size: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      },
    ]);
  });

  test("keeps a symlink inside the root as a link and does not follow it", () => {
    write("proto/x.proto");
    write("app/main.js");
    symlinkSync("../proto", join(root, "app/proto"));
    expect(listSource(root, "app")[1]).toMatchObject({ path: "app/proto", link: "../proto", mode: 0o777 });
  });

  test.each(["../../outside", "/etc/passwd", ".."])("refuses a symlink to %s", (target) => {
    write("app/main.js");
    symlinkSync(target === ".." ? "../../" : target, join(root, "app/link"));
    expect(() => listSource(root, "app")).toThrow(/LF1012 the symlink app\/link leaves/);
  });

  test("refuses a missing folder, a file, and a folder outside", () => {
    write("file");
    expect(() => listSource(root, "absent")).toThrow(/LF1012 .*does not exist/);
    expect(() => listSource(root, "file")).toThrow(/LF1012/);
    expect(() => listSource(join(root, "x"), "../")).toThrow(/LF1012 .*outside/);
  });
});

describe("sourceHash", () => {
  const change = (what: () => void) => {
    const before = sourceHash(root, "app");
    what();
    return before !== sourceHash(root, "app");
  };

  test("changes with content, name and execute bit, not with times or ignored files", () => {
    write("app/a");
    expect(change(() => write("app/a", "new"))).toBe(true);
    expect(change(() => write("app/b"))).toBe(true);
    expect(change(() => chmodSync(join(root, "app/a"), 0o755))).toBe(true);
    expect(change(() => write("app/a", "new"))).toBe(false);
    expect(change(() => write("app/dist/x"))).toBe(false);
  });

  test("reads a file of 12 MB", () => {
    write("app/big", new Uint8Array(12_000_000));
    expect(listSource(root, "app")[0]?.size).toBe(12_000_000);
  });
});

test.each([
  ["*.log", "a/b.log", false, true],
  ["/a", "b/a", false, false],
  ["a/b", "x/a/b", false, false],
  ["**/b", "x/a/b", false, true],
  ["a/**", "a/x/y", false, true],
  ["a/", "a", false, false],
  ["a/", "a", true, true],
  ["x?z", "xyz", false, true],
  ["a.b", "axb", false, false],
])("pattern %s on %s (folder: %s) ignores: %s", (pattern, path, isFolder, ignored) => {
  expect(ignoreMatcher([pattern])(path, isFolder)).toBe(ignored);
});
