import { type Problem, problem } from "../util/errors.ts";
import { formVersion } from "./company.ts";
import type { Declaration } from "./declaration.ts";

/**
 * The one problem of a declaration in an older form. Its keys mean something else, so nothing more is said of them.
 * A declaration in TypeScript that names no version is of version 1, which did not ask for one.
 */
export function olderForm({ tree, place }: Declaration): Problem | undefined {
  const { landfall: version } = tree;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1 || version >= formVersion)
    return undefined;
  return problem("LF1020", {
    what: `the declaration is of version ${version}, this landfall reads version ${formVersion}`,
    fix: `run \`landfall migrate\`: it rewrites the files and proves that the plan stays; \`landfall: ${formVersion}\` names the version of a new one`,
    where: place(["landfall"]),
  });
}
