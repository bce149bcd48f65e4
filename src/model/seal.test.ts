import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { inFolder } from "../util/testing/in-folder.ts";
import type { Evaluated } from "./evaluate.ts";
import { type EvaluationLimits, evaluateInChild } from "./evaluate-child.ts";

const start = 'import { company } from "landfall";\n';
const end = '\nexport default company("shop", { clusters: [] });\n';

const config = "shop/landfall.config.ts";

/** Evaluate a declaration whose second line is `statement`. */
function evaluate(
  statement: string,
  limits: Partial<EvaluationLimits> = {},
  files: Record<string, string> = {},
): Promise<Evaluated> {
  const evaluated = async (folder: string) => (await evaluateInChild(join(folder, config), limits)).result;
  const all = { "outside.json": '{"secret":1}', [config]: start + statement + end, ...files };
  return inFolder(all, evaluated);
}

/** What must not work, with what the error names. */
const impure: [statement: string, names: string][] = [
  ["Date.now()", "the clock (Date.now)"],
  ["new Date()", "the clock (Date)"],
  ["new (new Date(0).constructor as DateConstructor)()", "the clock (Date)"],
  ["new Intl.DateTimeFormat()", "the clock (Intl.DateTimeFormat)"],
  ["performance.now()", "the clock (performance.now)"],
  ["Math.random()", "randomness (Math.random)"],
  ["crypto.randomUUID()", "randomness (crypto.randomUUID)"],
  ["process.env.HOME", "the environment (process.env.HOME)"],
  ['Function("return process")().env.HOME', "the environment (process.env.HOME)"],
  ["(globalThis as any).process.exit(0)", "the process it runs in (process.exit)"],
  ['process.getBuiltinModule("fs")', "process.getBuiltinModule"],
  ['await fetch("http://localhost")', "the network (fetch)"],
  ['new WebSocket("ws://localhost")', "the network (WebSocket)"],
  ["setTimeout(() => {}, 1)", "a timer (setTimeout)"],
  ["await new Promise((done) => setTimeout(done, 1))", "a timer (setTimeout)"],
  ['import "node:fs";', "the module node:fs"],
  ['import net from "net";', "the module node:net"],
  ['await import("node:child_process")', "the module node:child_process"],
  ['await import("worker_threads")', "the module node:worker_threads"],
  ["await eval('import(\"node:fs\")')", "the module node:fs"],
  ['await import("data:text/javascript,import %22node:fs%22")', "the module node:fs"],
  ['await import("node:module")', "the module node:module"],
  ['await import("/etc/passwd")', "/etc/passwd, a file outside its project"],
  ['await import("../outside.json", { with: { type: "json" } })', "outside.json, a file outside its project"],
  [`await import(${JSON.stringify(new URL("../util/files.ts", import.meta.url).href)})`, "landfall's own"],
  ['await import("./loader.cjs")', "the CommonJS module"],
];

test.concurrent.each(impure)(
  "%s is refused at its place",
  async (statement, names) => {
    const files = { "shop/loader.cjs": 'module.constructor._load("fs");' };
    const result = await evaluate(statement, {}, files);
    expect(result).toMatchObject({ ok: false, code: "LF1002" });
    if (result.ok) return;
    expect(result.message).toContain(names);
    // What an eval or a data URL imports has no place in a file.
    if (!/eval|data:/.test(statement)) expect(result.site?.line).toBe(2);
  },
  30_000,
);

/** Ways around the checks: whatever they do, nothing of Node comes out of them. */
const tricks = [
  'Set.prototype.has = () => true; await import("node:fs")',
  'String.prototype.startsWith = () => true; await import("/etc/passwd")',
  'Error.prepareStackTrace = () => "node:internal"; if (process.env.HOME !== undefined) throw 1',
  "(console as any)._stderr.constructor",
  "new (globalThis as any).Worker('x')",
  "(globalThis as any).require('fs')",
  'Object.defineProperty(URL.prototype, "pathname", { value: "/x" }); await import("/etc/passwd")',
  "TextEncoder.prototype.encode = () => new Uint8Array([123]);",
  "TextEncoder.prototype.encode = () => new Uint8Array([110, 117, 108, 108]);",
];
test.concurrent.each(tricks)(
  "%s does not get out",
  async (statement) => {
    expect(await evaluate(statement)).toMatchObject({ ok: false });
  },
  30_000,
);

test("dates and numbers read alike, whatever the machine's zone and language", async () => {
  vi.stubEnv("TZ", "Asia/Tokyo");
  vi.stubEnv("LC_ALL", "de_DE.UTF-8");
  onTestFinished(() => void vi.unstubAllEnvs());
  const said = "throw new Error(new Date(0).toLocaleString() + ' ' + (1.5).toLocaleString());";
  expect(await evaluate(said)).toMatchObject({ message: "1/1/1970, 12:00:00 AM 1.5" });
});

test("a declaration may import its own modules, data and what computes", async () => {
  const statement = `import { posix } from "node:path";
import data from "./data.json" with { type: "json" };
import { twice } from "./twice.ts";
if (posix.join("a", "b") !== "a/b" || twice(data.two) !== 4) throw new Error("wrong");`;
  const files = {
    "shop/data.json": '{"two":2}',
    "shop/twice.ts": "export const twice = (n: number): number => n * 2;",
  };
  expect(await evaluate(statement, {}, files)).toMatchObject({ ok: true });
});

test("an endless loop is ended at the limit and said so", async () => {
  const result = await evaluate("for (;;) {}", { milliseconds: 1500 });
  expect(result).toMatchObject({ ok: false, code: "LF1001", message: "it did not end within 1.5 s" });
});

test("a wait that never ends is an error of its own", async () => {
  const result = await evaluate("await new Promise(() => {});");
  expect(result).toMatchObject({
    ok: false,
    code: "LF1001",
    message: "it awaits something that never comes",
  });
});

test("an answer beyond the limit is refused, and within it arrives whole", async () => {
  const web = 'import { app } from "landfall";\nconst web = app("web", { image: "x".repeat(3e6) });';
  const text = `${start}${web}\nexport default company("shop", { clusters: [], apps: [web] });`;
  const files = { [config]: text };
  const refused = { ok: false, message: "it declares more than 1 MiB" };
  expect(await evaluate("", { bytes: 2 ** 20 }, files)).toMatchObject(refused);
  expect(JSON.stringify(await evaluate("", {}, files)).length).toBeGreaterThan(3e6);
});

test("memory has a limit", async () => {
  const result = await evaluate("const all = []; for (;;) all.push(new Array(1e5).fill({}));", { heap: 64 });
  expect(result).toMatchObject({ ok: false, message: "it used up its memory" });
}, 30_000);

test("a thrown error and a syntax error carry their place", async () => {
  expect(await evaluate('throw new Error("boo");')).toMatchObject({
    ok: false,
    code: "LF1001",
    message: "boo",
    site: { line: 2, column: 7 },
  });
  expect(await evaluate("const x = = 3;")).toMatchObject({ ok: false, code: "LF1001", site: { line: 2 } });
  expect(await evaluate('import "./absent.ts";')).toMatchObject({ code: "LF1001", site: { line: 2 } });
  expect(await evaluate('throw Object.assign(new Error("x"), { code: "LF9999" });')).toMatchObject({
    code: "LF1001",
  });
  expect(await evaluate("throw null;")).toMatchObject({ ok: false, code: "LF1001", message: "null" });
}, 30_000);

test("a secret in a string is refused where it is put", async () => {
  const declared = 'import { secret } from "landfall"; const s = secret("stripe"); const k = s.key("api");';
  for (const use of ["String(s)", "String(k)", "`key=$" + "{s}`", '"key=" + k']) {
    expect(await evaluate(`${declared}\nvoid (${use});`)).toMatchObject({
      ok: false,
      code: "LF1009",
      message: "the secret stripe was put into a string",
      site: { line: 3 },
    });
  }
}, 30_000);
