import { compareFleets } from "../changes/index.ts";
import { treeDigest } from "../changes/trees.ts";
import { compile, compileDeclaration } from "../compile/index.ts";
import type { Plan } from "../compile/plan.ts";
import type { Declaration } from "../model/declaration.ts";
import { registry } from "../parts/index.ts";
import { compileForOutput } from "./build.ts";
import type { FleetPlan } from "./plan-file.ts";
import { baseOf, declaredTree } from "./plan-trees.ts";

export interface PlanOptions {
  /** A commit of the fleet repo or a folder. @default the fleet repo's head */
  base?: string;
  /** The plan will be saved, so secrets that may be generated get their values now, as `build` would give them. */
  exact?: boolean;
}

/** Compare the declaration at `path` with the fleet repo's head. Nothing is written. */
export async function planFleet(path: string, options: PlanOptions = {}): Promise<FleetPlan> {
  return compared(
    options.exact ? (await compileForOutput(path)).plan : await compile(path, { registry }),
    options.base,
  );
}

/** Compare a declaration that was read, and perhaps changed since, with the fleet repo's head. */
export async function planDeclaration(declaration: Declaration): Promise<FleetPlan> {
  return compared(await compileDeclaration(declaration, { registry }));
}

async function compared(plan: Plan, named?: string): Promise<FleetPlan> {
  const [base, next] = [await baseOf(plan, named), declaredTree(plan)];
  const changes = await compareFleets(base.tree, next, callersIn(plan));
  return {
    company: plan.company,
    base: { commit: base.commit, title: base.title },
    tree: treeDigest(next),
    changes,
    warnings: plan.warnings,
  };
}

/** App → the apps that call it, on any cluster. */
function callersIn(plan: Plan): Map<string, string[]> {
  const callers = new Map<string, Set<string>>();
  for (const { apps } of plan.clusters) {
    for (const { name, callers: own } of apps) {
      const known = callers.get(name) ?? new Set();
      callers.set(name, known);
      for (const { name: caller } of own) known.add(caller);
    }
  }
  return new Map([...callers].map(([app, names]) => [app, [...names].sort()]));
}
