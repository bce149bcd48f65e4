import { compile } from "../compile/index.ts";
import type { Plan } from "../compile/plan.ts";
import type { Declaration } from "../model/declaration.ts";
import { registry } from "../parts/index.ts";
import { throwProblems } from "../util/errors.ts";
import { companyOf } from "./bulk/proof.ts";
import { queryProblems } from "./release/check-queries.ts";

/** Everything `build` checks, and what other programs judge where they are at hand. Throws with all problems. */
export async function check(path: string): Promise<Plan> {
  let declaration: Declaration | undefined;
  const plan = await compile(path, { registry, onLoaded: (loaded) => (declaration = loaded) });
  const queries = declaration?.tree.waves ? await queryProblems(companyOf(declaration)) : [];
  throwProblems(queries);
  return { ...plan, warnings: [...plan.warnings, ...queries] };
}
