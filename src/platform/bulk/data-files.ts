import { join, relative } from "node:path";
import type { DataFile, Declaration } from "../../model/declaration.ts";
import { isRecord } from "../../util/records.ts";
import type { Edit } from "./edits.ts";
import { composePatches } from "./patches.ts";
import type { Patch } from "./wishes.ts";

/** What a data file shall say of an app instead of what it says now; undefined is nothing at all. */
export interface DataChange {
  app: string;
  /** Relative to the declaration's folder, and the clusters it is for. */
  scope: { file: string; where: DataFile["where"] };
  next(now: Patch | undefined): Patch | undefined;
}

interface Changed {
  declaration: Declaration;
  /** The text of each file that changes, by its path. */
  texts: Map<string, string>;
}

/** The declaration with the edits in its data files. */
export function withEdits(declaration: Declaration, edits: Edit[]): Changed {
  const changes = edits.map(({ app, scope, patch }) => ({
    ...{ app, scope },
    next: (now: Patch | undefined) => composePatches(now, patch) as Patch,
  }));
  return withData(declaration, changes);
}

/** The declaration with other data files. */
export function withData(declaration: Declaration, changes: readonly DataChange[]): Changed {
  const files = new Map(declaration.data.map((data) => [data.file, data]));
  const changed = new Set<string>();
  for (const { app, scope, next } of changes) {
    const file = join(declaration.dir, scope.file);
    if (!changed.has(file)) {
      const { apps } = files.get(file) ?? { apps: {} };
      files.set(file, { file, where: scope.where, apps: { ...apps } });
      changed.add(file);
    }
    const { apps } = files.get(file) as DataFile;
    const patch = next(apps[app]);
    if (patch === undefined) delete apps[app];
    else apps[app] = patch;
  }
  const data = [...files.values()].sort(inOrder);
  const texts = new Map(
    [...changed].sort().map((file) => [file, textOf((files.get(file) as DataFile).apps)]),
  );
  const placeInData: Declaration["placeInData"] = (file, path) =>
    changed.has(file.file)
      ? { file: relative(process.cwd(), file.file), path: ["apps", ...path].join(".") }
      : declaration.placeInData(file, path);
  return { declaration: { ...declaration, data, placeInData }, texts };
}

/** One key a line, in the order of their names, so that two changes of different apps never meet in one line. */
function textOf(apps: DataFile["apps"]): string {
  return `${JSON.stringify({ apps: sorted(apps) }, null, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}

/** The order in which data files apply: for all, for environments, for clusters; each kind by name. */
function inOrder(a: DataFile, b: DataFile): number {
  const rank = ({ where }: DataFile) => (where.cluster ? 2 : where.labels ? 1 : 0);
  return rank(a) - rank(b) || (a.file < b.file ? -1 : 1);
}
