/** What starting a release changes in the declaration's data files, value by value, and how it is taken back. */
import { join } from "node:path";
import type { DataFile, Declaration } from "../../model/declaration.ts";
import type { ChangedValue } from "../../release/index.ts";
import { canonicalJson } from "../../util/hash.ts";
import { isRecord } from "../../util/records.ts";
import type { DataChange } from "../bulk/data-files.ts";
import { composePatches, leavesOf, valueAt } from "../bulk/patches.ts";
import type { Patch } from "../bulk/wishes.ts";

/**
 * The values that differ between two states of the data files, of some apps in some files. `null` in a data file removes
 * what is declared; absent is not said there.
 */
export function valuesBetween(
  before: Declaration,
  after: Declaration,
  among: readonly Pick<DataChange, "app" | "scope">[],
): ChangedValue[] {
  return among.flatMap(({ app, scope: { file } }) => {
    const [was, now] = [patchIn(before, file, app), patchIn(after, file, app)];
    const paths = new Map([...leaves(was), ...leaves(now)].map(({ path }) => [canonicalJson(path), path]));
    return [...paths.values()].flatMap((path): ChangedValue[] => {
      const [from, to] = [leafAt(was, path), leafAt(now, path)];
      if (isSame(from, to)) return [];
      return [
        { app, file, path, ...(from !== undefined && { was: from }), ...(to !== undefined && { now: to }) },
      ];
    });
  });
}

/** What a data file says of an app; undefined where it says nothing. */
export function patchIn({ dir, data }: Declaration, file: string, app: string): Patch | undefined {
  return data.find((own: DataFile) => own.file === join(dir, file))?.apps[app];
}

/** Whether a value still is what a release made of it. */
export const isAsSet = (patch: Patch | undefined, { path, now }: ChangedValue) =>
  isSame(leafAt(patch, path), now);

/** Whether a value is what it was before a release. */
export const isAsBefore = (patch: Patch | undefined, { path, was }: ChangedValue) =>
  isSame(leafAt(patch, path), was);

/** The patch with a value as it was before; undefined when nothing is left of it. */
export function takenBack(patch: Patch | undefined, { path, was }: ChangedValue): Patch | undefined {
  if (was === undefined) {
    const left = without(patch ?? {}, path);
    return Object.keys(left).length > 0 ? left : undefined;
  }
  const leaf = path.reduceRight<unknown>((inner, step) => ({ [step]: inner }), was);
  return composePatches(patch, leaf) as Patch;
}

/** A patch without the value at a path, nor what is empty then. */
export function without(patch: Patch, [key = "", ...rest]: readonly string[]): Patch {
  const { [key]: inner, ...others } = patch;
  if (rest.length === 0 || !isRecord(inner)) return others;
  const left = without(inner, rest);
  return Object.keys(left).length > 0 ? { ...others, [key]: left } : others;
}

const leaves = (patch: Patch | undefined) => (patch === undefined ? [] : leavesOf(patch));

/** The value at a path where it is one, and no patch of what is below. */
function leafAt(patch: Patch | undefined, path: readonly string[]): unknown {
  const value = valueAt(patch, path);
  return isRecord(value) && Object.keys(value).length > 0 ? undefined : value;
}

const isSame = (a: unknown, b: unknown) =>
  (a === undefined) === (b === undefined) && canonicalJson(a ?? null) === canonicalJson(b ?? null);
