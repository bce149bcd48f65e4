import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Evaluated } from "./evaluate.ts";

/** What an evaluation may use. */
export interface EvaluationLimits {
  /** @default 20_000 */
  milliseconds: number;
  /** Of the answer. @default 256 MiB */
  bytes: number;
  /** Of the heap, in MiB. @default 1024 */
  heap: number;
}

const usual: EvaluationLimits = { milliseconds: 20_000, bytes: 256 * 2 ** 20, heap: 1024 };
const errorBytes = 64 * 1024;

/**
 * Evaluate a TypeScript declaration in a sealed process (`seal.ts` says what that means). A declaration that breaks
 * a limit, ends its process or never ends is a result like any other error.
 */
export function evaluateInChild(path: string, given: Partial<EvaluationLimits> = {}): Promise<Evaluated> {
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
  ];
  const child = spawn(process.execPath, [...flags, script, file, project], {
    cwd: dirname(file),
    // The zone and the language of the machine would show in formatted dates and numbers.
    env: { TZ: "UTC", LC_ALL: "en_US.UTF-8" },
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  return new Promise((done, fail) => {
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    let broken: string | undefined;
    const stop = (reason: string) => {
      broken ??= reason;
      child.kill("SIGKILL");
    };
    const timer = setTimeout(
      () => stop(`it did not end within ${limits.milliseconds / 1000} s`),
      limits.milliseconds,
    );
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
      if (text && !broken) return done(answerOf(text));
      const message = broken ?? reasonOf(code, Buffer.concat(errors).toString());
      done({ ok: false, code: "LF1001", message });
    });
  });
}

/** The answer, whose form a declaration could have tampered with. */
function answerOf(text: string): Evaluated {
  try {
    const answer = JSON.parse(text) as Evaluated | null;
    if (answer?.ok && answer.declared.tree && answer.declared.sites && answer.declared.duplicates)
      return answer;
    if (answer?.ok === false && typeof answer.message === "string") return answer;
  } catch {
    // Said below.
  }
  return { ok: false, code: "LF1001", message: "its evaluation gives no readable answer" };
}

function reasonOf(code: number | null, errors: string): string {
  if (code === 13) return "it awaits something that never comes";
  if (errors.includes("heap out of memory")) return "it used up its memory";
  return errors.trim().split("\n").at(-1) || `its evaluation ended with code ${code}`;
}

/** The folder of the repository the declaration is in; the declaration's own where it is in none. */
function projectOf(folder: string): string {
  const found = ancestors(folder).find((above) => existsSync(join(above, ".git")));
  return `${found ?? folder}/`;
}

/** The folder and those above it, nearest first; without the root, which is nobody's project. */
function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [] : [folder, ...ancestors(above)];
}
