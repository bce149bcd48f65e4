import { compileDeclaration } from "../../src/compile/index.ts";
import type { Plan } from "../../src/compile/plan.ts";
import { smallRegistry } from "../../src/compile/testing/registry.ts";
import type { Declared } from "./declarations.ts";

/** Every case is held against the same parts, on the same day. */
export const options = { registry: smallRegistry, today: "2026-01-01" };

/** Compiled in this process from a tree: nothing is read from disk. */
export function planOf({ tree, data }: Declared): Promise<Plan> {
  const place = (path: readonly (string | number)[]) => ({
    file: "landfall.config.yaml",
    path: path.join("."),
  });
  const declaration = {
    file: "/company/landfall.config.yaml",
    dir: "/company",
    tree,
    data: data as never,
    place,
    placeInData: () => ({ file: "values" }),
    problems: [],
    sources: [],
    folders: [],
  };
  return compileDeclaration(declaration, options);
}
