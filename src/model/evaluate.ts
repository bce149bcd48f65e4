/**
 * Runs in a child process: evaluates a TypeScript declaration and prints it as plain data.
 * Arguments: the declaration's path. Output on file descriptor 3: one JSON `Evaluated`.
 */
import { writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type * as landfall from "../index.ts";
import type { CallSite } from "./call-site.ts";
import { handleTag, SecretInStringError } from "./handles.ts";
import { seal } from "./seal.ts";
import { type Declared, serialize } from "./serialize.ts";

export type Evaluated =
  | { ok: true; declared: Declared }
  | { ok: false; code: string; message: string; site?: CallSite };

async function evaluate(file: string): Promise<Evaluated> {
  const own = new URL("../../", import.meta.url);
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  seal(own.pathname, {
    landfall: new URL(`../index.${extension}`, import.meta.url).href,
    "landfall/parts": new URL(`../parts/index.${extension}`, import.meta.url).href,
  });
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
  const { message = String(error), stack = "" } = error as Error;
  const code = (error as { code?: string }).code ?? "";
  if (error instanceof SecretInStringError) return withSite("LF1009", message, error.site);
  return withSite(code.startsWith("LF") ? code : "LF1001", message, siteIn(stack, file));
}

function withSite(code: string, message: string, site: CallSite | undefined): Evaluated {
  return { ok: false, code, message, ...(site && { site }) };
}

/** The first frame of the stack inside the user's folder, or the place a syntax error names. */
function siteIn(stack: string, file: string): CallSite | undefined {
  const folder = file.slice(0, file.lastIndexOf("/") + 1);
  for (const line of stack.split("\n")) {
    const match = line.match(/((?:file:\/\/)?\/[^\s()]+?):(\d+)(?::(\d+))?\)?$/);
    const path = match?.[1]?.replace("file://", "");
    if (path?.startsWith(folder))
      return { file: path, line: Number(match?.[2]), column: Number(match?.[3] ?? 1) };
  }
  return undefined;
}

const result = await evaluate(process.argv[2] ?? "");
writeSync(3, JSON.stringify(result));
