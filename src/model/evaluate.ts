/**
 * Runs in a child process: evaluates a TypeScript declaration and prints it as plain data.
 * Arguments: the declaration's path and its project's folder. Output on file descriptor 3: one JSON `Evaluated`.
 * Everything a declaration may import of landfall is loaded here before the process is sealed.
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as landfall from "../index.ts";
import "../index.ts";
import "./part-handles.generated.ts";
import type { CallSite } from "./call-site.ts";
import { handleTag, SecretInStringError } from "./handles.ts";
import { importSiteOf, seal } from "./seal.ts";
import { type Declared, serialize } from "./serialize.ts";

export type Evaluated =
  | { ok: true; declared: Declared }
  | { ok: false; code: string; message: string; site?: CallSite };

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const exit = process.exit.bind(process);
const { stringify } = JSON;

async function evaluate(file: string): Promise<Evaluated> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    const root = module.default as ReturnType<typeof landfall.company> | undefined;
    if (root?.[handleTag] !== "company") {
      return { ok: false, code: "LF1001", message: "its default export is not a company(…)" };
    }
    return { ok: true, declared: serialize(root) };
  } catch (error) {
    return describe(error, file);
  }
}

function describe(error: unknown, file: string): Evaluated {
  const { message = String(error), stack = "" } = (error ?? {}) as Error;
  const code = (error as { code?: string } | undefined)?.code;
  if (error instanceof SecretInStringError) return withSite("LF1009", message, error.site);
  return withSite(
    code === "LF1002" ? code : "LF1001",
    message,
    importSiteOf(error) ?? siteIn(String(stack), file),
  );
}

function withSite(code: string, message: string, site: CallSite | undefined): Evaluated {
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

const [file = "", project = ""] = process.argv.slice(2);
for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error: unknown) => answer(describe(error, file)));
seal({
  own: fileURLToPath(new URL("../../", import.meta.url)),
  project,
  folder: file.slice(0, file.lastIndexOf("/") + 1),
  aliases: {
    landfall: new URL(`../index.${extension}`, import.meta.url).href,
    "landfall/parts": new URL(`./part-handles.generated.${extension}`, import.meta.url).href,
  },
});
answer(await evaluate(file));
