import type { z } from "zod";
import type { Problem } from "../util/errors.ts";
import { type AppSpec, appSchema, patchableKeys } from "./app.ts";
import { type CompanySpec, companySchema } from "./company.ts";
import { problemsOf } from "./issues.ts";
import type { Declaration } from "./load.ts";
import { mergePatch } from "./merge-patch.ts";

/** A declaration whose form is right: every value typed, every default filled in. */
export interface Company {
  spec: CompanySpec;
  declaration: Declaration;
  /** The apps as an environment sees them; `undefined` is the declaration without any patch. */
  appsIn(environment: string | undefined): Record<string, AppSpec>;
}

/** Check the declaration's form. All problems are returned; `company` is there only when none is an error. */
export function parseCompany(declaration: Declaration): { company?: Company; problems: Problem[] } {
  const result = companySchema.safeParse(declaration.tree);
  if (!result.success) {
    const problems = problemsOf(companySchema as z.ZodType, result.error.issues, [], declaration.place);
    return { problems: [...declaration.problems, ...problems] };
  }
  const problems = [...declaration.problems];
  const perEnvironment = new Map<string | undefined, Record<string, AppSpec>>([
    [undefined, result.data.apps],
  ]);
  for (const environment of environmentsUsed(result.data)) {
    perEnvironment.set(environment, patchedApps(declaration, result.data, environment, problems));
  }
  if (problems.length > 0) return { problems };
  const appsIn = (environment: string | undefined) => perEnvironment.get(environment) ?? result.data.apps;
  return { company: { spec: result.data, declaration, appsIn }, problems };
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
