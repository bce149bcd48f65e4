import type { Plan } from "../../compile/plan.ts";
import { compiled, yaml } from "../../compile/testing/declare.ts";
import { emitFleet } from "../../emit/flux/index.ts";
import { compareFleets } from "../index.ts";
import { emptyTree, textTree } from "../trees.ts";
import type { Changes, Tree } from "../types.ts";

/** The fleet of a declaration in YAML; no declaration is an empty fleet. */
export async function fleetOf(apps: string | undefined, root = ""): Promise<Tree> {
  if (apps === undefined) return emptyTree;
  return textTree(emitFleet(await planOf(apps, root)));
}

export function planOf(apps: string, root = ""): Promise<Plan> {
  const parts = root.includes("parts:") ? "" : "parts: { flux: {}, local-path: {}, metrics-server: {} }\n";
  return compiled({ "landfall.config.yaml": yaml(apps, parts + root) });
}

/** What changes from one declaration's apps to another's. */
export async function changesOf(
  before: string | undefined,
  after: string,
  root: string | [before: string, after: string] = "",
): Promise<Changes> {
  const [old, now] = typeof root === "string" ? [root, root] : root;
  return compareFleets(await fleetOf(before, old), await fleetOf(after, now));
}

/** One object's change of a unit, found by kind. */
export function objectOf(changes: Changes, bundle: string, kind: string) {
  const units = changes.units.filter((unit) => unit.bundle === bundle);
  const object = units.flatMap(({ objects }) => objects).find((change) => change.object.kind === kind);
  if (!object) throw new Error(`no ${kind} of ${bundle} in ${JSON.stringify(changes.units, null, 1)}`);
  return object;
}
