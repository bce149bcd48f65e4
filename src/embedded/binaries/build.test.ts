import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LandfallError } from "../../util/errors.ts";
import { buildProgram } from "./build.ts";
import type { Program } from "./program.ts";

let folder: string;

const hello: Program = {
  name: "hello",
  module: "tiny",
  package: ".",
  version: "1.2.3",
  tag: "v1.2.3",
  ldflags: ["-X main.version=1.2.3"],
  aliases: ["hallo"],
  kind: "host",
};

const source =
  'package main\n\nimport "fmt"\n\nvar version = "none"\n\nfunc main() { fmt.Println("hello", version) }\n';

function writeMain(text: string): void {
  writeFileSync(join(folder, "go/tiny/main.go"), text);
}

const cached = () => readdirSync(join(folder, "home/cache/bin"));
const modules = () => join(folder, "go");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "landfall-build-"));
  mkdirSync(join(folder, "go/tiny"), { recursive: true });
  writeFileSync(join(folder, "go/tiny/go.mod"), "module landfall.dev/tiny\n\ngo 1.21\n");
  writeMain(source);
  vi.stubEnv("LANDFALL_HOME", join(folder, "home"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test("a program is built once, knows its version and answers to its aliases", async () => {
  const first = await buildProgram(hello, { modules: modules() });
  expect(first.fresh).toBe(true);
  expect(execFileSync(first.path, { encoding: "utf8" })).toBe("hello 1.2.3\n");
  expect(readlinkSync(join(first.path, "../hallo"))).toBe("hello");
  const second = await buildProgram(hello, { modules: modules() });
  expect(second).toEqual({ path: first.path, key: first.key, fresh: false, elapsedMs: 0 });
  expect(cached()).toEqual([first.key]);
}, 60_000);

test("sources, requirements and linker flags each change the key", async () => {
  const keys = new Set([(await buildProgram(hello, { modules: modules() })).key]);
  keys.add((await buildProgram({ ...hello, ldflags: [] }, { modules: modules() })).key);
  writeMain(source.replace("hello", "good day"));
  keys.add((await buildProgram(hello, { modules: modules() })).key);
  writeFileSync(join(folder, "go/tiny/go.mod"), "module landfall.dev/tiny\n\ngo 1.22\n");
  keys.add((await buildProgram(hello, { modules: modules() })).key);
  expect(keys.size).toBe(4);
}, 60_000);

test("build tags choose what is compiled, and change the key", async () => {
  writeMain(source.replace('"none"', '"plain"'));
  writeFileSync(
    join(folder, "go/tiny/loud.go"),
    '//go:build loud\n\npackage main\n\nfunc init() { version = "loud" }\n',
  );
  const untagged = { ...hello, ldflags: [] };
  const plain = await buildProgram(untagged, { modules: modules() });
  const loud = await buildProgram({ ...untagged, tags: ["unused", "loud"] }, { modules: modules() });
  const say = (path: string) => execFileSync(path, { encoding: "utf8" });
  expect([say(plain.path), say(loud.path)]).toEqual(["hello plain\n", "hello loud\n"]);
  expect(loud.key).not.toBe(plain.key);
}, 60_000);

test("of two builds at once, one builds and the other gets its result", async () => {
  const both = await Promise.all([1, 2].map(() => buildProgram(hello, { modules: modules() })));
  expect(both.map((built) => built.fresh).sort()).toEqual([false, true]);
  expect(both[0]?.path).toBe(both[1]?.path);
}, 60_000);

test("an interrupted build ends its compilers and leaves nothing but the lock's folder empty", async () => {
  // With a Go cache of its own the standard library must be compiled, which takes long enough to be stopped.
  vi.stubEnv("GOCACHE", join(folder, "gocache"));
  const stop = new AbortController();
  const lines: string[] = [];
  const build = buildProgram(hello, {
    modules: modules(),
    signal: stop.signal,
    onProgress: (line) => {
      lines.push(line);
      if (/compiling [1-9]/.test(line)) stop.abort(new Error("enough"));
    },
  });
  await expect(build).rejects.toThrow("enough");
  expect(cached()).toEqual([]);
  expect(lines.at(-1)).toMatch(/^hello: compiling \d+ of at most \d+ packages, \d+s$/);
  const processes = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
  expect(processes.split("\n").filter((line) => line.includes(folder))).toEqual([]);
}, 60_000);

test("a build that was killed leaves no broken entry, and the next one cleans up after it", async () => {
  const { key, path } = await buildProgram(hello, { modules: modules() });
  rmSync(join(path, ".."), { recursive: true });
  mkdirSync(join(folder, "home/cache/bin", `${key}.1-dead.tmp`, "scratch"), { recursive: true });
  const dead = JSON.stringify({ pid: 2 ** 22 + 1, startTime: "1", bootId: "gone" });
  writeFileSync(join(folder, "home/cache/bin", `${key}.lock`), dead);
  expect((await buildProgram(hello, { modules: modules() })).fresh).toBe(true);
  expect(cached()).toEqual([key]);
}, 60_000);

test("Go's own words explain why a program does not build", async () => {
  writeMain("package main\n\nfunc main() { undefinedThing() }\n");
  const error = await buildProgram(hello, { modules: modules() }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(LandfallError);
  expect((error as LandfallError).problems[0]).toMatchObject({
    code: "LF5001",
    why: expect.stringContaining("undefined: undefinedThing"),
  });
  expect(cached()).toEqual([]);
}, 60_000);

test("without Go the error names what to install", async () => {
  vi.stubEnv("LANDFALL_GO", join(folder, "no-go"));
  const error = await buildProgram(hello, { modules: modules() }).catch((e: unknown) => e);
  expect((error as LandfallError).problems[0]).toMatchObject({
    code: "LF5006",
    fix: expect.stringContaining("Go 1.21 or later"),
  });
});

test("a Go that is too old is named as such", async () => {
  writeFileSync(join(folder, "go/tiny/go.mod"), "module landfall.dev/tiny\n\ngo 9.99\n");
  vi.stubEnv("GOTOOLCHAIN", "local");
  const error = await buildProgram(hello, { modules: modules() }).catch((e: unknown) => e);
  expect((error as LandfallError).problems[0]).toMatchObject({
    code: "LF5006",
    why: expect.stringContaining("9.99"),
  });
});
