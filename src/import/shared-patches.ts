/** What the patches of many apps have in common, so that it is said once. */
import { isDeepStrictEqual } from "node:util";
import type { AppSpec } from "../model/app.ts";
import { isRecord } from "../util/records.ts";
import type { Branch } from "./source.ts";

type Patch = AppSpec["adjust"]["patch"][number];

/** Below this a constant costs its reader more than it saves. */
const fewest = 3;

/** By kind, the patch that saves most when the apps it fits say it by one name; kinds without such are absent. */
export function sharedPatches(apps: { patch: Patch[] }[]): Map<string, Branch> {
  const all = apps.flatMap(({ patch }) => patch.filter(({ name }) => name === undefined));
  const shared = new Map<string, Branch>();
  for (const [kind, patches] of Map.groupBy(all, (patch) => patch.kind)) {
    const best = mostSaving(patches.map(({ set }) => set));
    if (best) shared.set(kind, best);
  }
  return shared;
}

function mostSaving(sets: Branch[]): Branch | undefined {
  const counts = new Map<string, { path: string[]; value: unknown; count: number }>();
  for (const leaf of sets.flatMap((set) => leavesOf(set, []))) {
    const id = JSON.stringify([leaf.path, leaf.value]);
    counts.set(id, { ...leaf, count: (counts.get(id)?.count ?? 0) + 1 });
  }
  const often = new Set([...counts.values()].map(({ count }) => count).filter((count) => count > 1));
  const candidates = [...often].map((least) =>
    build([...counts.values()].filter(({ count }) => count >= least)),
  );
  const saved = (shared: Branch) => {
    const saving = sets.map((set) => (fits(set, shared) ? size(set) - size(without(set, shared) ?? {}) : 0));
    return saving.reduce((sum, leaves) => sum + leaves, 0) - size(shared);
  };
  const ranked = candidates
    .map((shared) => ({ shared, saves: saved(shared) }))
    .sort((a, b) => b.saves - a.saves);
  const [best] = ranked;
  return best && best.saves >= fewest && size(best.shared) >= fewest ? best.shared : undefined;
}

/** Whether the shared patch, followed by what an app says besides, is the app's patch. */
export function fits(patch: Branch, shared: Branch): boolean {
  return isDeepStrictEqual(compose(shared, without(patch, shared) ?? {}), patch);
}

/** A patch without what the shared one says; undefined where nothing is left. */
export function without(patch: Branch, shared: Branch): Branch | undefined {
  const rest = Object.entries(patch).flatMap(([key, value]): [string, unknown][] => {
    if (!Object.hasOwn(shared, key)) return [[key, value]];
    const other = shared[key];
    if (isDeepStrictEqual(value, other)) return [];
    const inner = isRecord(value) && isRecord(other) ? without(value, other) : value;
    return inner === undefined ? [] : [[key, inner]];
  });
  return rest.length > 0 ? Object.fromEntries(rest) : undefined;
}

/** One patch that does what two do in turn; where there is none, one that equals no other. */
function compose(first: Branch, second: Branch): Branch {
  const merged: Branch = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = merged[key];
    // What the first removed is no list any more that the second could reach into.
    if (isRecord(value) && before === null) merged[key] = Symbol("removed");
    else merged[key] = isRecord(value) && isRecord(before) ? compose(before, value) : value;
  }
  return merged;
}

function build(leaves: { path: string[]; value: unknown }[]): Branch {
  const root: Branch = {};
  for (const { path, value } of leaves) {
    let at = root;
    for (const key of path.slice(0, -1)) {
      if (!isRecord(at[key])) at[key] = {};
      at = at[key] as Branch;
    }
    at[path.at(-1) ?? ""] ??= value;
  }
  return root;
}

function leavesOf(value: unknown, path: string[]): { path: string[]; value: unknown }[] {
  if (!isRecord(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

const size = (patch: Branch) => leavesOf(patch, []).length;
