/**
 * What changes between two fleets, before anything is committed. Pure: trees in, data out. What must hold:
 *
 * - Files whose digests are equal are never read; what differs is parsed once, however many clusters have it.
 * - The same change on many clusters is one unit with all their names.
 * - Values of Secrets never appear.
 */
import { noCost, sumCost } from "./cost.ts";
import { fleetTree } from "./fleet-tree.ts";
import { groupChanges } from "./groups.ts";
import { suggestedMoves } from "./likeness.ts";
import { compareGroups } from "./load.ts";
import { reachedBy } from "./reach.ts";
import { stepsBetween } from "./steps.ts";
import type { Changes, Summary, Tree, UnitChange } from "./types.ts";
import { merged } from "./units.ts";

/** Compare the fleet as it is with the one to come. `callers`: app → the apps that call it. */
export async function compareFleets(
  head: Tree,
  next: Tree,
  callers: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<Changes> {
  const [before, after] = [await fleetTree(head), await fleetTree(next)];
  const { groups, roots } = await groupChanges(before, after);
  const { units, handing, candidates } = await compareGroups(before, after, groups);
  const all = [...rootUnits(roots), ...units].sort(order);
  return {
    units: all,
    summary: summaryOf(all),
    suggestedMoves: suggestedMoves(candidates),
    blastRadius: blastRadius(all, callers),
    steps: await stepsBetween(before, after, handing, async () => () => false),
  };
}

/** The same of what clusters say, bundle by bundle. */
export function liveComparison(
  seen: readonly UnitChange[],
  callers: ReadonlyMap<string, readonly string[]>,
): Changes {
  const units = merged([...seen]).sort(order);
  return {
    units,
    summary: summaryOf(units),
    suggestedMoves: [],
    blastRadius: blastRadius(units, callers),
    steps: [],
  };
}

/** Namespaces and the like of the clusters themselves. */
function rootUnits(roots: Awaited<ReturnType<typeof groupChanges>>["roots"]): UnitChange[] {
  return roots
    .filter(({ objects }) => objects.length > 0)
    .map(({ clusters, objects }) => ({
      bundle: "cluster",
      kind: "cluster",
      owner: "namespaces",
      action: objects.every(({ action }) => action === objects[0]?.action)
        ? (objects[0]?.action ?? "change")
        : "change",
      clusters,
      objects,
      delivery: [],
      cost: { before: noCost, after: noCost },
      restarts: 0,
      marks: [],
    }));
}

/** What people look for first comes first: what goes, what is made anew, what changes, what comes. */
const actions: UnitChange["action"][] = ["delete", "replace", "rename", "orphan", "change", "create"];

function order(a: UnitChange, b: UnitChange): number {
  const first = actions.indexOf(a.action) - actions.indexOf(b.action);
  if (first !== 0) return first;
  if (a.bundle !== b.bundle) return a.bundle < b.bundle ? -1 : 1;
  return (a.clusters[0] ?? "") < (b.clusters[0] ?? "") ? -1 : 1;
}

/** Count apps and parts, not the clusters they are on; what a unit's objects do is counted where its own action hides it. */
function summaryOf(units: readonly UnitChange[]): Summary {
  const count = (action: UnitChange["action"]) =>
    new Set(units.filter((unit) => unit.action === action).map(({ bundle }) => bundle)).size;
  const marks = units.flatMap((unit) => [...unit.marks, ...unit.objects.flatMap((object) => object.marks)]);
  return {
    create: count("create"),
    change: count("change"),
    replace: count("replace"),
    delete: count("delete"),
    orphan: count("orphan"),
    rename: count("rename"),
    destructive: marks.filter(({ level }) => level === "destructive").length,
    clusters: new Set(units.flatMap(({ clusters }) => clusters)).size,
    cost: {
      before: sumCost(units.map(({ cost }) => cost.before)),
      after: sumCost(units.map(({ cost }) => cost.after)),
    },
    restarts: units.reduce((sum, { restarts }) => sum + restarts, 0),
  };
}

/** Callers of the apps whose running pods or addresses change; a new app has none that could break. */
function blastRadius(units: readonly UnitChange[], callers: ReadonlyMap<string, readonly string[]>) {
  const changed = new Set(
    units.filter(({ kind, action }) => kind === "app" && action !== "create").map(({ owner }) => owner),
  );
  return reachedBy([...changed].sort(), callers);
}
