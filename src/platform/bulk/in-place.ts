import { resolve } from "node:path";
import type { Declaration } from "../../model/declaration.ts";
import { touches } from "../../model/layers.ts";
import type { Company } from "../../model/parse.ts";
import { shown } from "../../model/shown.ts";
import { LandfallError, type Place, type Problem, problem } from "../../util/errors.ts";
import { readIfThere } from "../../util/files.ts";
import { applyEdits, type TextEdit } from "../../util/text-edits.ts";
import type { Edit } from "./edits.ts";
import type { FindLiteral, Literal } from "./literal.ts";
import { leavesOf } from "./patches.ts";
import type { Scope } from "./where.ts";

/**
 * The sources with the edits written where the values stand, by path. A value is taken only where it is one literal of
 * this app alone that nothing else changes; all others are refused. Throws LF1019 with every one of them.
 */
export async function sourcesWith(
  declaration: Declaration,
  company: Company,
  edits: Edit[],
): Promise<Map<string, string>> {
  const problems: Problem[] = [];
  const replacements = new Map<string, TextEdit[]>();
  const literalAt = sourceReader(declaration);
  for (const { app, scope, patch } of edits) {
    for (const { path, value } of leavesOf(patch)) {
      const where = declaration.place(["apps", app, ...path]);
      const file = resolve(where.file);
      const refused = notAlone(company, app, scope, path);
      const found = refused ? { refused } : await literalAt(app, file, path, value);
      if ("refused" in found) problems.push(cannot(app, path, found.refused, where));
      else replacements.set(file, [...(replacements.get(file) ?? []), found]);
    }
  }
  if (problems.length > 0) throw new LandfallError(problems);
  return new Map([...replacements].map(([file, all]) => [file, applyEdits(readIfThere(file) ?? "", all)]));
}

/** Why the source does not say alone what an app has at a key path. */
function notAlone(company: Company, app: string, { where }: Scope, path: string[]): string | undefined {
  if (where.labels || where.cluster) return "it is for some clusters only, and a source's value is for all";
  const layer = company.layersOf(app).find(({ patch }) => touches(patch, path));
  return layer && `${shown(layer.title)} changes it`;
}

function cannot(app: string, path: string[], why: string, where: Place): Problem {
  return problem("LF1019", {
    what: `${app}: ${path.join(".")} cannot be changed where it is written`,
    why,
    fix: "leave out --in-place: a data file takes the value",
    where,
  });
}

/** Sources are read and parsed once, also where many apps stand in one. */
function sourceReader(declaration: Declaration) {
  const finders = new Map<string, FindLiteral>();
  return async (app: string, file: string, path: readonly string[], value: unknown): Promise<Literal> => {
    if (value === null) return { refused: "it would be removed, with what a comment says of it" };
    const text = readIfThere(file);
    if (text === undefined) return { refused: "its source cannot be read" };
    if (file.endsWith(".ts")) {
      const { typeScriptLiterals } = await import("./in-place-typescript.ts");
      finders.set(file, finders.get(file) ?? typeScriptLiterals(text));
      return (finders.get(file) as FindLiteral)([app, ...path], value);
    }
    const { yamlLiterals } = await import("./in-place-yaml.ts");
    finders.set(file, finders.get(file) ?? yamlLiterals(text));
    const root = file === declaration.file ? ["apps", app] : [];
    return (finders.get(file) as FindLiteral)([...root, ...path], value);
  };
}
