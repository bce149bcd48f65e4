import { basename } from "node:path";
import type { Code } from "../util/codes.ts";
import { LandfallError, type Problem, problem } from "../util/errors.ts";
import type { EvaluationFailure } from "./evaluate.ts";
import { evaluateOnce } from "./evaluation-cache.ts";
import { locateInCall } from "./locate.ts";
import type { Source } from "./parsed-files.ts";
import type { PlaceOf } from "./places.ts";
import { isHostileKey } from "./read-yaml.ts";
import type { Declared } from "./serialize.ts";
import { shown, withPath } from "./shown.ts";

/** What a declaration, or the part of it in one form, says. */
export interface EvaluatedTree {
  tree: Record<string, unknown>;
  place: PlaceOf;
  sources: Source[];
  problems: Problem[];
  /** Files that do not evaluate or cannot be read. */
  unread: Problem[];
  sites: Declared["sites"];
}

/**
 * Evaluate a declaration in TypeScript and its estate's TypeScript files; with `include`, where the declaration at
 * `file` is YAML, these alone. Throws when the declaration itself does not evaluate.
 */
export async function evaluateDeclaration(file: string, include?: unknown): Promise<EvaluatedTree> {
  const { result, sources } = await evaluateOnce(file, include);
  if (!result.ok)
    throw new LandfallError([failed(file, result, "a module that evaluates and default-exports company(…)")]);
  const { tree, sites, duplicates } = result.declared;
  const place: PlaceOf = (path) => {
    for (let length = path.length; length >= 0; length--) {
      const site = sites[path.slice(0, length).join(".")];
      if (site) return withPath(locateInCall(site, path.slice(length)), path);
    }
    return withPath({ file }, path);
  };
  const doubled = duplicates.map(({ kind, name, first, second }) =>
    problem("LF1008", {
      what: `two ${kind}s are named ${name}`,
      ...(first && { why: `the first is at ${shown(first.file)}:${first.line}` }),
      fix: "rename one of them, or use one handle in both places",
      ...(second && { where: { ...second, file: shown(second.file) } }),
    }),
  );
  const hostile = hostilePaths(tree, []).map((path) =>
    problem("LF1003", {
      what: `the key \`${path.at(-1)}\` is not taken`,
      fix: "give it another name",
      where: place(path),
    }),
  );
  const unread = [
    ...hostile,
    ...result.failures.map((failure) =>
      failed(
        failure.file ?? file,
        failure,
        "a module that evaluates and default-exports an app(…) or a list of them",
      ),
    ),
  ];
  return { tree, place, sites, sources, problems: doubled, unread: unique(unread) };
}

const fixes: Partial<Record<Code, string>> = {
  LF1002: "write the value down, or pass it as data: the same file must always give the same platform",
  LF1009: "use the secret itself as a value: env: { KEY: mySecret }",
};

function failed(file: string, { code: given, message, site }: EvaluationFailure, form: string): Problem {
  const code: Code = given === "LF1002" || given === "LF1009" ? given : "LF1001";
  return problem(code, {
    what: message.split("\n")[0] ?? message,
    fix: fixes[code] ?? `make ${basename(file)} ${form}`,
    where: site ? { ...site, file: shown(site.file) } : { file: shown(file) },
  });
}

/** A module that several files import fails in each of them. */
function unique(problems: Problem[]): Problem[] {
  return [...new Map(problems.map((p) => [JSON.stringify([p.what, p.where]), p])).values()];
}

/** Key paths that end in a key every object of JavaScript has. */
function hostilePaths(value: unknown, path: (string | number)[]): (string | number)[][] {
  if (value === null || typeof value !== "object") return [];
  const found: (string | number)[][] = [];
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key];
    if (isHostileKey(key)) found.push([...path, key]);
    else if (typeof inner === "object") found.push(...hostilePaths(inner, [...path, key]));
  }
  return found;
}
