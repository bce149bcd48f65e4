import { compareFleets, liveComparison } from "../changes/index.ts";
import { treeDigest } from "../changes/trees.ts";
import type { UnitChange } from "../changes/types.ts";
import { compile, compileDeclaration } from "../compile/index.ts";
import type { Plan } from "../compile/plan.ts";
import { forEachOf } from "../embedded/delivery/parallel.ts";
import { fleetTree } from "../emit/flux/index.ts";
import type { Declaration } from "../model/declaration.ts";
import { registry } from "../parts/index.ts";
import { LandfallError, type Problem } from "../util/errors.ts";
import { requireName } from "../util/known-name.ts";
import { compileForOutput } from "./build.ts";
import { withCluster } from "./connect.ts";
import type { FleetPlan } from "./plan-file.ts";
import { liveChanges } from "./plan-live.ts";
import { baseOf, declaredTree, treeOf } from "./plan-trees.ts";
import { heldBack, heldProblems } from "./release/hold.ts";

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
  const base = await baseOf(plan, named);
  const declared = fleetTree(plan);
  const { files, held } =
    base.repo && base.commit
      ? await heldBack(base.repo, base.commit, declared)
      : { files: declared, held: [] };
  const changes = await compareFleets(base.tree, treeOf(files), callersIn(plan));
  return {
    company: plan.company,
    base: { commit: base.commit, title: base.title },
    tree: treeDigest(treeOf(declared)),
    changes,
    warnings: [...plan.warnings, ...heldProblems(held)],
  };
}

/** Compare the declaration with what runs: on all clusters, or on one. What cannot be reached is a warning. */
export async function planLive(path: string, only?: string): Promise<FleetPlan> {
  const plan = await compile(path, { registry });
  if (only !== undefined)
    requireName(
      "LF1006",
      "cluster",
      only,
      plan.clusters.map(({ name }) => name),
    );
  const clusters = plan.clusters.filter(({ name }) => only === undefined || name === only);
  const warnings: Problem[] = [];
  const seen: UnitChange[] = [];
  await forEachOf(clusters, clustersAtATime, async (cluster) => {
    try {
      seen.push(
        ...(await withCluster(plan, cluster, (client, embedded) =>
          liveChanges(client, cluster, embedded?.mode === "simulated"),
        )),
      );
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error;
      warnings.push(
        ...error.problems.map((p) => ({
          ...p,
          severity: "warning" as const,
          what: `${cluster.name}: ${p.what}`,
        })),
      );
    }
  });
  if (warnings.length > 0 && warnings.length >= clusters.length && seen.length === 0) {
    throw new LandfallError(warnings.map((p) => ({ ...p, severity: "error" })));
  }
  return {
    company: plan.company,
    base: { commit: undefined, title: only ? `${only} as it runs` : "the clusters as they run" },
    tree: treeDigest(declaredTree(plan)),
    changes: liveComparison(seen, callersIn(plan)),
    warnings: [...plan.warnings, ...warnings],
  };
}

const clustersAtATime = 4;

/** App → the apps that call it, on any cluster, by their names in the declaration. */
function callersIn(plan: Plan): Map<string, string[]> {
  const apps = new Set(plan.clusters.flatMap((cluster) => cluster.apps));
  const declared = new Map([...apps].map(({ name, declared = name }) => [name, declared]));
  const callers = new Map<string, Set<string>>();
  for (const { name, callers: own } of apps) {
    const app = declared.get(name) ?? name;
    const known = callers.get(app) ?? new Set();
    callers.set(app, known);
    for (const { name: caller } of own) known.add(declared.get(caller) ?? caller);
  }
  return new Map([...callers].map(([app, names]) => [app, [...names].sort()]));
}
