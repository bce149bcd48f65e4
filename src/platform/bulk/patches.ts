import { canonicalJson } from "../../util/hash.ts";
import { isRecord } from "../../util/records.ts";
import type { Patch } from "./wishes.ts";

type Path = string[];

/** One patch that does what `first` and then `second` do; both keep what they remove. */
export function composePatches(first: unknown, second: unknown): unknown {
  if (!isRecord(second)) return second;
  const composed: Patch = isRecord(first) ? { ...first } : {};
  for (const [key, value] of Object.entries(second)) composed[key] = composePatches(composed[key], value);
  return composed;
}

/** What turns `from` into `to`, as a merge patch; undefined when they are equal. */
export function patchBetween(from: unknown, to: unknown): unknown {
  if (canonicalJson(from ?? null) === canonicalJson(to ?? null)) return undefined;
  if (!isRecord(from) || !isRecord(to)) return to ?? null;
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const differing = keys.map((key) => [key, patchBetween(from[key], to[key])] as const);
  return Object.fromEntries(differing.filter(([, value]) => value !== undefined));
}

/** The values a patch sets, each with its key path. */
export function leavesOf(patch: unknown, path: Path = []): { path: Path; value: unknown }[] {
  if (!isRecord(patch) || Object.keys(patch).length === 0) return [{ path, value: patch }];
  return Object.entries(patch).flatMap(([key, value]) => leavesOf(value, [...path, key]));
}

/** The value at a key path; undefined where there is none. */
export function valueAt(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined),
    tree,
  );
}

/** Whether a value is what is wanted at its key path; `null` wants nothing to be there. */
export function isDone(path: readonly string[], value: unknown, wanted: unknown): boolean {
  // Numbers and booleans of variables become text in a pod.
  if (path[0] === "env" && typeof wanted === "string" && value !== undefined && !isRecord(value))
    return String(value) === wanted;
  return canonicalJson(value ?? null) === canonicalJson(wanted ?? null);
}
