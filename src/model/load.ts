import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Code } from "../util/codes.ts";
import { failure, type LandfallError, type Place, problem } from "../util/errors.ts";
import type { CallSite } from "./call-site.ts";
import type { Declaration } from "./declaration.ts";
import type { Evaluated } from "./evaluate.ts";
import { evaluateInChild } from "./evaluate-child.ts";
import { locateInCall } from "./locate.ts";
import { shown, withPath } from "./shown.ts";

const fileNames = ["landfall.config.ts", "landfall.config.yaml", "landfall.config.yml"];

/** The declaration's file at `path`: the file itself, or the one a folder holds. */
export function findDeclaration(path: string): string {
  const target = resolve(path);
  if (existsSync(target) && fileNames.some((name) => target.endsWith(name.slice(name.lastIndexOf(".")))))
    return target;
  const found = fileNames.map((name) => join(target, name)).find((file) => existsSync(file));
  if (found) return found;
  throw failure("LF1001", {
    what: `there is no declaration in ${shown(target)}`,
    why: `none of ${fileNames.join(", ")} exists there`,
    fix: "run `landfall init` in an empty folder, or name the folder of the declaration",
  });
}

/** Read a declaration: evaluate TypeScript in a sealed process, or parse YAML. */
export async function loadDeclaration(path: string): Promise<Declaration> {
  const file = findDeclaration(path);
  if (file.endsWith(".ts")) return loadTypeScript(file);
  // A declaration in TypeScript does not pay for loading the YAML parser.
  const { loadYaml } = await import("./load-yaml.ts");
  return loadYaml(file);
}

async function loadTypeScript(file: string): Promise<Declaration> {
  const result = await evaluateInChild(file);
  if (!result.ok) throw evaluationFailure(file, result);
  const { tree, sites, duplicates } = result.declared;
  const place = (path: readonly (string | number)[]): Place => {
    for (let length = path.length; length >= 0; length--) {
      const site = sites[path.slice(0, length).join(".")];
      if (site) return withPath(locateInCall(site, path.slice(length)), path);
    }
    return withPath({ file }, path);
  };
  const problems = duplicates.map(({ kind, name, first, second }) =>
    problem("LF1008", {
      what: `two ${kind}s are named ${name}`,
      ...(first && { why: `the first is at ${shown(first.file)}:${first.line}` }),
      fix: "rename one of them, or use one handle in both places",
      ...(second && { where: { ...second, file: shown(second.file) } }),
    }),
  );
  return {
    file,
    dir: dirname(file),
    tree,
    data: [],
    place,
    placeInData: (data) => ({ file: data.file }),
    problems,
  };
}

const evaluationFixes: Partial<Record<Code, string>> = {
  LF1002: "write the value down, or pass it as data: the same file must always give the same platform",
  LF1009: "use the secret itself as a value: env: { KEY: mySecret }",
};

function evaluationFailure(file: string, result: Evaluated & { ok: false }): LandfallError {
  const code: Code = result.code === "LF1002" || result.code === "LF1009" ? result.code : "LF1001";
  const site: CallSite | undefined = result.site;
  return failure(code, {
    what: result.message.split("\n")[0] ?? result.message,
    fix:
      evaluationFixes[code] ??
      `make ${basename(file)} a module that evaluates and default-exports company(…)`,
    where: site ? { ...site, file: shown(site.file) } : { file: shown(file) },
  });
}
