/**
 * Runs in a child process: evaluates a TypeScript declaration and the TypeScript files of its estate, and prints them
 * as plain data. Arguments: the declaration's path, its project's folder and, where the declaration is YAML, its
 * `include` as JSON. Output on file descriptor 3: one JSON `Evaluated`; on 4, a line each: the URL of each
 * module as it loads, `!` when the result depends on more than these.
 * Everything a declaration may import of landfall is loaded here before the process is sealed.
 */
import { writeSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as landfall from "../index.ts";
import "../index.ts";
import "./part-handles.generated.ts";
import type { CallSite } from "./call-site.ts";
import { type AppHandle, handleTag, SecretInStringError } from "./handles.ts";
import { listEstate } from "./list-files.ts";
import { importSiteOf, seal } from "./seal.ts";
import { type Declared, serialize } from "./serialize.ts";

/** Why a file does not evaluate. */
export interface EvaluationFailure {
  code: string;
  message: string;
  site?: CallSite;
  /** The file of the estate that was imported. */
  file?: string;
}
export type Evaluated =
  | { ok: true; declared: Declared; failures: EvaluationFailure[] }
  | ({ ok: false } & EvaluationFailure);

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const exit = process.exit.bind(process);
const { parse, stringify } = JSON;

async function evaluate(file: string, include: unknown): Promise<Evaluated> {
  try {
    const root = file.endsWith(".ts") ? await rootOf(file) : undefined;
    if (root && root[handleTag] !== "company")
      return { ok: false, code: "LF1001", message: "its default export is not a company(…)" };
    const { apps, failures } = await estate(dirname(file), root ? root.spec.include : include);
    return { ok: true, declared: serialize(root, apps), failures };
  } catch (error) {
    return describe(error, file);
  }
}

async function rootOf(file: string): Promise<ReturnType<typeof landfall.company>> {
  const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
  return (module.default ?? {}) as ReturnType<typeof landfall.company>;
}

/** The apps of the estate's files, in the files' order; every file that fails is told. */
async function estate(
  dir: string,
  include: unknown,
): Promise<{ apps: AppHandle[]; failures: EvaluationFailure[] }> {
  const files = include === undefined ? [] : listEstate(dir, include).files.filter(isTypeScript);
  const read: (AppHandle[] | EvaluationFailure)[] = [];
  // All at once would hold what each import needs in memory until the last is done.
  for (let i = 0; i < files.length; i += importedAtOnce) {
    const some = files.slice(i, i + importedAtOnce);
    read.push(...(await Promise.all(some.map((file) => appsIn(file, `${dir}/`)))));
  }
  return {
    apps: read.flatMap((result) => (Array.isArray(result) ? result : [])),
    failures: read.flatMap((result) => (Array.isArray(result) ? [] : [result])),
  };
}

const importedAtOnce = 10;
const isTypeScript = (file: string) => file.endsWith(".ts");

async function appsIn(file: string, dir: string): Promise<AppHandle[] | EvaluationFailure> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    const apps = (Array.isArray(module.default) ? module.default : [module.default]) as (
      | AppHandle
      | undefined
    )[];
    if (apps.every((handle) => handle?.[handleTag] === "app")) return apps as AppHandle[];
    return { code: "LF1001", message: "its default export is not an app(…) or a list of them", file };
  } catch (error) {
    const { code, message, site } = describe(error, dir);
    return { code, message, file, ...(site && { site }) };
  }
}

function describe(error: unknown, file: string): Evaluated & { ok: false } {
  const { message = String(error), stack = "" } = (error ?? {}) as Error;
  const code = (error as { code?: string } | undefined)?.code;
  if (error instanceof SecretInStringError) return withSite("LF1009", message, error.site);
  return withSite(
    code === "LF1002" ? code : "LF1001",
    message,
    importSiteOf(error) ?? siteIn(String(stack), file),
  );
}

function withSite(code: string, message: string, site: CallSite | undefined): Evaluated & { ok: false } {
  return { ok: false, code, message, ...(site && { site }) };
}

/** The first frame of the stack inside the user's folder, or the place a syntax error names. */
function siteIn(stack: string, file: string): CallSite | undefined {
  const folder = file.slice(0, file.lastIndexOf("/") + 1);
  const lines = stack.split("\n");
  for (const [index, line] of lines.entries()) {
    const match = line.match(/((?:file:\/\/)?\/[^\s()]+?):(\d+)(?::(\d+))?\)?$/);
    const path = match?.[1]?.startsWith("file:") ? fileURLToPath(match[1]) : match?.[1];
    if (path?.startsWith(folder))
      return { file: path, line: Number(match?.[2]), column: Number(match?.[3] ?? caret(lines[index + 2])) };
  }
  return undefined;
}

/** The column a syntax error's caret stands at. */
function caret(line = ""): number {
  return /^\s*\^+\s*$/.test(line) ? line.indexOf("^") + 1 : 1;
}

/** Answer, whole, and end: a promise nobody awaits must not speak afterwards. */
function answer(result: Evaluated): never {
  const bytes = new TextEncoder().encode(stringify(result));
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(3, bytes, sent);
  return exit(0);
}

const [file = "", project = "", include = "[]"] = process.argv.slice(2);
for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error: unknown) => answer(describe(error, file)));
seal({
  own: fileURLToPath(new URL("../../", import.meta.url)),
  project,
  loading: (url) => writeSync(4, `${url}\n`),
  depending: () => writeSync(4, "!\n"),
  folder: file.slice(0, file.lastIndexOf("/") + 1),
  aliases: {
    landfall: new URL(`../index.${extension}`, import.meta.url).href,
    "landfall/parts": new URL(`./part-handles.generated.${extension}`, import.meta.url).href,
  },
});
answer(await evaluate(file, parse(include)));
