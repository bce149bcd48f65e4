import { join, relative } from "node:path";
import type { DataFile, Declaration } from "../../model/declaration.ts";
import { isRecord } from "../../util/records.ts";
import type { Edit } from "./edits.ts";
import { composePatches } from "./patches.ts";
import type { Patch } from "./wishes.ts";

/** The declaration with the edits in its data files, and the text of each file that changes, by its path. */
export function withEdits(
  declaration: Declaration,
  edits: Edit[],
): { declaration: Declaration; texts: Map<string, string> } {
  const files = new Map(declaration.data.map((data) => [data.file, data]));
  const changed = new Set<string>();
  for (const { app, scope, patch } of edits) {
    const file = join(declaration.dir, scope.file);
    if (!changed.has(file)) {
      const { apps } = files.get(file) ?? { apps: {} };
      files.set(file, { file, where: scope.where, apps: { ...apps } });
      changed.add(file);
    }
    const { apps } = files.get(file) as DataFile;
    apps[app] = composePatches(apps[app], patch) as Patch;
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
