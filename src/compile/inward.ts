/**
 * Which changes of an app concern nothing but its own objects. Everything that another app, a part or a check over
 * several apps may look at is outward; a change of it needs the whole compiler.
 */
import { isRecord } from "../util/records.ts";

/** Keys that only the app's own objects are made of. `env` and `overrides` are looked into. */
const inwardKeys = new Set([
  "image",
  "command",
  "args",
  "config",
  "resources",
  "scale",
  "probes",
  "disruption",
  "drainSeconds",
]);

/** Whether the declarations of an app differ inwardly at most. */
export function differsInwardly(before: unknown, after: unknown): boolean {
  if (!isRecord(before) || !isRecord(after)) return same(before, after);
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [a, b] = [before[key], after[key]];
    if (inwardKeys.has(key) || same(a, b)) continue;
    if (key === "env" ? !sameReferences(a, b) : key !== "overrides" || !sameWhere(a, b)) return false;
  }
  return true;
}

/** Plain values may differ; secrets and addresses are what other things refer to. */
function sameReferences(a: unknown = {}, b: unknown = {}): boolean {
  if (!isRecord(a) || !isRecord(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every(
    (key) => (!isRecord(a[key]) && !isRecord(b[key])) || same(a[key], b[key]),
  );
}

/** Each override is for the same clusters, and what it sets differs inwardly. */
function sameWhere(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((entry: unknown, i) => {
    const other: unknown = b[i];
    if (!isRecord(entry) || !isRecord(other)) return false;
    const { set, ...rest } = entry;
    const { set: otherSet, ...otherRest } = other;
    return same(rest, otherRest) && differsInwardly(set, otherSet);
  });
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
