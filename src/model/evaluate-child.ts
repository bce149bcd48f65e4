import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Evaluated } from "./evaluate.ts";
import type { Declared } from "./serialize.ts";

/** What an evaluation may use. */
export interface EvaluationLimits {
  /** Modules beyond the first hundred add to it, since an estate may have many. @default 20_000 */
  milliseconds: number;
  /** Of the answer. @default 256 MiB */
  bytes: number;
  /** Of the heap, in MiB. @default 2048 */
  heap: number;
}

const usual: EvaluationLimits = { milliseconds: 20_000, bytes: 256 * 2 ** 20, heap: 2048 };
const errorBytes = 64 * 1024;
/** Modules beyond the first hundred each add to the time; the last that do so end it at a few minutes. */
const extraTime = { from: 100, to: 30_000, milliseconds: 10 };

/** What came of an evaluation. */
export interface Evaluation {
  result: Evaluated;
  /** The modules it loaded, as absolute paths in the order they loaded. */
  loaded: string[];
  /** Whether it depends on nothing but these modules. */
  closed: boolean;
}

/**
 * Evaluate a TypeScript declaration in a sealed process (`seal.ts` says what that means). A declaration that breaks
 * a limit, ends its process or never ends is a result like any other error. Where the declaration is YAML, only the
 * TypeScript files of its `include` are evaluated.
 */
export function evaluateInChild(
  path: string,
  given: Partial<EvaluationLimits> = {},
  include: unknown = [],
): Promise<Evaluation> {
  const limits = { ...usual, ...given };
  // Modules are known by their real path, so the folders they are compared with must be real too.
  const file = realpathSync(path);
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const script = fileURLToPath(new URL(`./evaluate.${extension}`, import.meta.url));
  const project = projectOf(dirname(file));
  const readable = [
    fileURLToPath(new URL("../", import.meta.url)),
    fileURLToPath(new URL("../../package.json", import.meta.url)),
    project,
    ...ancestors(dirname(file)).flatMap((folder) => [
      join(folder, "package.json"),
      join(folder, "node_modules/"),
    ]),
  ];
  const flags = [
    "--permission",
    ...readable.map((path) => `--allow-fs-read=${path}${path.endsWith("/") ? "*" : ""}`),
    "--disable-warning=ExperimentalWarning",
    `--max-old-space-size=${limits.heap}`,
    // What ten thousand modules leave behind lives long; moving it twice took a third of the time.
    "--max-semi-space-size=64",
  ];
  const child = spawn(process.execPath, [...flags, script, file, project, JSON.stringify(include)], {
    cwd: dirname(file),
    // The zone and the language of the machine would show in formatted dates and numbers.
    env: { TZ: "UTC", LC_ALL: "en_US.UTF-8" },
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
  });
  return new Promise((done, fail) => {
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    let broken: string | undefined;
    const stop = (reason: string) => {
      broken ??= reason;
      child.kill("SIGKILL");
    };
    let modules = 0;
    let granted = limits.milliseconds;
    const started = performance.now();
    const expire = () => {
      const extra = Math.max(0, Math.min(modules, extraTime.to) - extraTime.from) * extraTime.milliseconds;
      const allowed = limits.milliseconds + extra;
      if (granted >= allowed) return stop(`it did not end within ${granted / 1000} s`);
      granted = allowed;
      timer = setTimeout(expire, Math.max(0, started + granted - performance.now()));
    };
    let timer = setTimeout(expire, granted);
    const loading: Buffer[] = [];
    child.stdio[4]?.on("data", (chunk: Buffer) => {
      loading.push(chunk);
      modules += chunk.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
    });
    let received = 0;
    child.stdio[3]?.on("data", (chunk: Buffer) => {
      received += chunk.length;
      if (received > limits.bytes) stop(`it declares more than ${Math.round(limits.bytes / 2 ** 20)} MiB`);
      else output.push(chunk);
    });
    let complained = 0;
    child.stderr?.on("data", (chunk: Buffer) => {
      if (complained < errorBytes) errors.push(chunk);
      complained += chunk.length;
    });
    child.on("error", fail);
    child.on("close", (code) => {
      clearTimeout(timer);
      const text = Buffer.concat(output).toString();
      const told = pathsIn(Buffer.concat(loading).toString());
      if (text && !broken) return done({ result: answerOf(text), ...told });
      const message = broken ?? reasonOf(code, Buffer.concat(errors).toString());
      done({ result: { ok: false, code: "LF1001", message }, ...told });
    });
  });
}

function pathsIn(told: string): Omit<Evaluation, "result"> {
  const lines = new Set(told.split("\n"));
  // A module with a query or a fragment is one of many made of one file.
  const urls = [...lines].filter((line) => line.startsWith("file:"));
  return { loaded: urls.map((url) => fileURLToPath(url)), closed: !lines.has("!") && !/[?#]/.test(told) };
}

/** The answer, whose form a declaration could have tampered with. */
function answerOf(text: string): Evaluated {
  try {
    const answer = JSON.parse(text) as Evaluated | null;
    if (answer?.ok && isDeclared(answer.declared) && Array.isArray(answer.failures)) return answer;
    if (answer?.ok === false && typeof answer.message === "string") return answer;
  } catch {
    // Said below.
  }
  return { ok: false, code: "LF1001", message: "its evaluation gives no readable answer" };
}

function isDeclared({ tree, sites, duplicates }: Declared): boolean {
  return (
    [tree, sites].every((value) => value !== null && typeof value === "object") && Array.isArray(duplicates)
  );
}

function reasonOf(code: number | null, errors: string): string {
  if (code === 13) return "it awaits something that never comes";
  if (errors.includes("heap out of memory")) return "it used up its memory";
  return errors.trim().split("\n").at(-1) || `its evaluation ended with code ${code}`;
}

/** The folder of the repository the declaration is in; the declaration's own where it is in none. */
export function projectOf(folder: string): string {
  const found = ancestors(folder).find((above) => existsSync(join(above, ".git")));
  return `${found ?? folder}/`;
}

/** The folder and those above it, nearest first; without the root, which is nobody's project. */
function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [] : [folder, ...ancestors(above)];
}
