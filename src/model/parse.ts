import type { z } from "zod";
import type { Place, Problem } from "../util/errors.ts";
import { type AppSpec, appSchema, patchableKeys } from "./app.ts";
import { type CompanySpec, companySchema } from "./company.ts";
import type { Declaration } from "./declaration.ts";
import { problemsOf } from "./issues.ts";
import { mergePatch } from "./merge-patch.ts";

/** A declaration whose form is right: every value typed, every default filled in. */
export interface Company {
  spec: CompanySpec;
  declaration: Declaration;
  /** The apps as an environment sees them; `undefined` is the declaration without any patch. */
  appsIn(environment: string | undefined): Record<string, AppSpec>;
  /** Where a key path is declared as an environment sees it: in its patch where that sets the value. */
  placeIn(environment: string | undefined, path: readonly (string | number)[]): Place;
}

/**
 * Check the declaration's form and return all problems. `company` is there whenever the rest can be checked too:
 * also with unknown keys, which are left out of it, and with patches that do not fit.
 */
export function parseCompany(declaration: Declaration): { company?: Company; problems: Problem[] } {
  const first = companySchema.safeParse(declaration.tree);
  const issues = first.success ? [] : first.error.issues;
  const problems = [
    ...declaration.problems,
    ...problemsOf(companySchema as z.ZodType, issues, [], declaration.place),
  ];
  const result = first.success ? first : companySchema.safeParse(withoutUnknown(declaration.tree, issues));
  if (!result.success) return { problems };
  const perEnvironment = new Map<string | undefined, Record<string, AppSpec>>([
    [undefined, result.data.apps],
  ]);
  for (const environment of environmentsUsed(result.data)) {
    perEnvironment.set(environment, patchedApps(declaration, result.data, environment, problems));
  }
  const spec = result.data;
  const appsIn = (environment: string | undefined) => perEnvironment.get(environment) ?? spec.apps;
  const placeIn: Company["placeIn"] = (environment, path) =>
    declaration.place(originOf(spec, environment, path));
  return { company: { spec, declaration, appsIn, placeIn }, problems };
}

/** The tree without the keys that nothing knows. */
function withoutUnknown(tree: object, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy = structuredClone(tree);
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const holder = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], copy);
    for (const key of issue.keys) delete (holder as Record<string, unknown>)[key];
  }
  return copy;
}

function originOf(
  spec: CompanySpec,
  environment: string | undefined,
  path: readonly (string | number)[],
): readonly (string | number)[] {
  const [group, app = "", key = "", ...rest] = path;
  const patch = environment === undefined ? undefined : spec.apps[app]?.environments[environment];
  if (group !== "apps" || !patch || !Object.hasOwn(patch, key)) return path;
  const origin = ["apps", app, "environments", environment as string, key, ...rest];
  // An object merges: what the patch does not set of it is the app's own.
  let value: unknown = patch[key];
  for (const step of rest) {
    if (value === null || typeof value !== "object") return origin;
    if (!Object.hasOwn(value, step)) return path;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return origin;
}

function environmentsUsed(spec: CompanySpec): string[] {
  const patched = Object.values(spec.apps).flatMap((app) => Object.keys(app.environments));
  return [...new Set([...Object.keys(spec.environments), ...patched])];
}

function patchedApps(
  declaration: Declaration,
  spec: CompanySpec,
  environment: string,
  problems: Problem[],
): Record<string, AppSpec> {
  const trees = (declaration.tree.apps ?? {}) as Record<string, Record<string, unknown>>;
  const apps: Record<string, AppSpec> = {};
  for (const [name, app] of Object.entries(spec.apps)) {
    const patch = app.environments[environment];
    if (!patch) {
      apps[name] = app;
      continue;
    }
    const base = ["apps", name, "environments", environment];
    problems.push(...foreignKeys(patch, base, declaration));
    const result = appSchema.safeParse(mergePatch(trees[name], patch));
    if (result.success) apps[name] = result.data;
    else problems.push(...problemsOf(appSchema as z.ZodType, result.error.issues, base, declaration.place));
  }
  return apps;
}

/** Keys of a patch that exist on an app but are the same in every environment. */
function foreignKeys(patch: Record<string, unknown>, base: string[], declaration: Declaration): Problem[] {
  const fixed = Object.keys(patch).filter(
    (key) => key in appSchema.shape && !(patchableKeys as string[]).includes(key),
  );
  return fixed.map((key) => ({
    code: "LF1016",
    severity: "error",
    what: `\`${key}\` cannot differ between environments`,
    fix: `set it on the app; an environment may set ${patchableKeys.join(", ")}`,
    where: declaration.place([...base, key]),
  }));
}
