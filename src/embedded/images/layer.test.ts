import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cachePath } from "../../util/home.ts";
import { type Entry, ensureLayer, writeLayer } from "./layer.ts";
import { layerPath } from "./store.ts";

const before = process.env.LANDFALL_HOME;
let homes: string[];
const newHome = () => {
  process.env.LANDFALL_HOME = mkdtempSync(join(tmpdir(), "layer-test-"));
  homes.push(process.env.LANDFALL_HOME);
};

beforeEach(() => {
  homes = [];
  newHome();
});
afterEach(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
  if (before === undefined) delete process.env.LANDFALL_HOME;
  else process.env.LANDFALL_HOME = before;
});

const entries: Entry[] = [
  { path: "usr/bin/x", type: "file", mode: 0o755, content: Buffer.from("x") },
  { path: "tmp", type: "directory", mode: 0o1777 },
  { path: "bin", type: "symlink", link: "usr/bin" },
  { path: `deep/${"d/".repeat(80)}file`, type: "file", mode: 0o644, content: Buffer.from("long path") },
  { path: "home/me", type: "directory", mode: 0o700, uid: 65532, gid: 65532 },
];

test("a layer is sorted, without times, with owners, and named by its digest", async () => {
  const layer = await writeLayer(entries, {});
  const bytes = readFileSync(layerPath(layer.digest));
  const hex = (data: Uint8Array) => `sha256:${createHash("sha256").update(data).digest("hex")}`;
  expect(layer).toMatchObject({ digest: hex(bytes), diffId: hex(gunzipSync(bytes)), size: bytes.length });
  const listed = execFileSync("tar", ["tvzf", layerPath(layer.digest), "--numeric-owner", "--utc"], {
    encoding: "utf8",
  });
  const lines = listed
    .trim()
    .split("\n")
    .map((line) => line.replace(/\s+/g, " "));
  expect(lines.filter((line) => !line.includes("deep/"))).toEqual([
    "lrwxrwxrwx 0/0 0 1970-01-01 00:00 bin -> usr/bin",
    "drwxr-xr-x 0/0 0 1970-01-01 00:00 home/",
    "drwx------ 65532/65532 0 1970-01-01 00:00 home/me/",
    "drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/",
    "drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/",
    "drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/bin/",
    "-rwxr-xr-x 0/0 1 1970-01-01 00:00 usr/bin/x",
  ]);
});

test("the order of entries and the home do not matter", async () => {
  const first = await writeLayer(entries, {});
  newHome();
  expect(await writeLayer([...entries].reverse(), {})).toEqual(first);
});

test("a key is made once, also when asked for twice at a time, and again when its bytes are lost", async () => {
  let made = 0;
  const ask = () =>
    ensureLayer("k", {}, async () => {
      made++;
      return entries;
    });
  const [a, b] = await Promise.all([ask(), ask()]);
  expect([made, b]).toEqual([1, a]);
  expect(await ask()).toEqual(a);
  expect(made).toBe(1);
  writeFileSync(layerPath(a.digest), "cut short");
  expect(await ask()).toEqual(a);
  expect(made).toBe(2);
});

test("an abort in the middle leaves no entry and no half file", async () => {
  const controller = new AbortController();
  const big: Entry[] = Array.from({ length: 400 }, (_, n) => ({
    path: `f${n}`,
    type: "file",
    mode: 0o644,
    content: new Uint8Array(200_000),
  }));
  const work = ensureLayer("k", { signal: controller.signal }, async () => big);
  setTimeout(() => controller.abort(new Error("stopped")), 5);
  await expect(work).rejects.toThrow();
  expect(readdirSync(cachePath("layers"))).toEqual([]);
  expect(readdirSync(cachePath("work"))).toEqual([]);
});

test("a build killed in the middle leaves nothing that a second one does not put right", async () => {
  const script = `
    import { ensureLayer } from ${JSON.stringify(join(import.meta.dirname, "layer.ts"))};
    const file = (_, n) => ({ path: "f" + n, type: "file", mode: 0o644, content: new Uint8Array(200_000) });
    await ensureLayer("k", {}, async () => Array.from({ length: 2000 }, file));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
  const ended = once(child, "exit");
  const halves = () => (existsSync(cachePath("layers")) ? readdirSync(cachePath("layers")) : []);
  while (halves().length === 0 && child.exitCode === null) await sleep(5);
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(halves()).toEqual([expect.stringMatching(/\.tmp$/)]);
  const layer = await ensureLayer("k", {}, async () => entries);
  expect(halves().sort()).toEqual([`${layer.digest.slice(7)}.tar.gz`, "keys"].sort());
  expect(readdirSync(cachePath("work"))).toEqual([]);
});

test("a file that vanishes fails the layer and leaves nothing", async () => {
  const gone: Entry = { path: "a", type: "file", mode: 0o644, file: join(tmpdir(), "no-such-file") };
  await expect(writeLayer([gone], {})).rejects.toThrow(/ENOENT/);
  expect(readdirSync(cachePath("layers"))).toEqual([]);
});
