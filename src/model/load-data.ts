/**
 * Data files: values that commands change, as patches of apps, beside the declaration. `values/all.json` applies first,
 * then `values/environments/<environment>.json`, then `values/clusters/<cluster>.json`, each kind by name.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Code } from "../util/codes.ts";
import { didYouMean } from "../util/did-you-mean.ts";
import { type Problem, problem } from "../util/errors.ts";
import { staysInside } from "../util/files.ts";
import { isRecord } from "../util/records.ts";
import type { DataFile } from "./declaration.ts";
import type { ParsedFiles, Source } from "./parsed-files.ts";
import { type PlaceOf, placesIn, textProblems } from "./places.ts";
import { readJson } from "./read-json.ts";
import { shown } from "./shown.ts";

export interface Data {
  files: DataFile[];
  placeIn: (file: DataFile, path: readonly (string | number)[]) => ReturnType<PlaceOf>;
  sources: Source[];
  folders: string[];
  problems: Problem[];
}

const kinds = [
  { folder: "environments", group: "environments", code: "LF1010", thing: "environment" },
  { folder: "clusters", group: "clusters", code: "LF1006", thing: "cluster" },
] as const;

/** The folders below `dir` that may hold data files. */
export function dataFolders(dir: string): string[] {
  return ["", ...kinds.map(({ folder }) => folder)].map((folder) => join(dir, "values", folder));
}

/** Read the data files in `dir` and check the names in them against the declaration. */
export function readData(dir: string, tree: Record<string, unknown>, files: ParsedFiles): Data {
  const data: Data = {
    files: [],
    placeIn: (file) => ({ file: shown(file.file) }),
    sources: [],
    folders: [],
    problems: [],
  };
  const root = join(dir, "values");
  const places = new Map<DataFile, PlaceOf>();
  data.placeIn = (file, path) => (places.get(file) ?? placesIn(file.file))(["apps", ...path]);
  const take = (path: string, where: DataFile["where"]) => {
    if (!isHere(dir, path, data)) return;
    const apps = readOne(path, tree, files, data);
    if (!apps) return;
    const file: DataFile = { file: path, where, apps };
    places.set(file, placesIn(path));
    data.files.push(file);
  };
  for (const name of namesIn(dir, root, data)) {
    if (name === "all") take(join(root, "all.json"), {});
    else data.problems.push(unread(join(root, `${name}.json`)));
  }
  for (const { folder, group, code, thing } of kinds) {
    const known = keysOf(tree[group]);
    for (const name of namesIn(dir, join(root, folder), data)) {
      const path = join(root, folder, `${name}.json`);
      if (!known.has(name)) data.problems.push(unknown(code, thing, name, known, { file: shown(path) }));
      take(path, group === "clusters" ? { cluster: name } : { labels: { environment: name } });
    }
  }
  return data;
}

/** The JSON files of a folder without their extension, in order. */
function namesIn(dir: string, folder: string, data: Data): string[] {
  if (!existsSync(folder) || !isHere(dir, folder, data)) return [];
  data.folders.push(folder);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json") && !name.startsWith("."))
    .map((name) => basename(name, ".json"))
    .sort();
}

function keysOf(group: unknown): Set<string> {
  return new Set(Object.keys((group ?? {}) as object));
}

/** Whether a path stays in the declaration's folder; tells it when not. */
function isHere(dir: string, path: string, data: Data): boolean {
  const stays = staysInside(dir, path);
  if (!stays) data.problems.push(stray(path));
  return stays;
}

/** It is not read: what is wrong with it would show what it holds. */
function stray(path: string): Problem {
  return problem("LF1001", {
    what: `${shown(path)} leads outside the declaration's folder`,
    why: "a symbolic link on the way leaves it, and whoever may change a link could have any file read",
    fix: "replace the link by the file itself",
    where: { file: shown(path) },
  });
}

function unread(path: string): Problem {
  return problem("LF1004", {
    what: `nothing reads ${shown(path)}`,
    why: "data files are values/all.json, values/environments/<environment>.json and values/clusters/<cluster>.json",
    fix: "move it to one of these, or out of the folder",
    where: { file: shown(path) },
  });
}

function unknown(
  code: Code,
  thing: string,
  name: string,
  known: Iterable<string>,
  where: ReturnType<PlaceOf>,
): Problem {
  const near = didYouMean(name, known);
  return problem(code, {
    what: `there is no ${thing} named ${name}`,
    fix: near ? `did you mean ${near}?` : `declare it, or remove its values`,
    where,
  });
}

function readOne(
  path: string,
  tree: Record<string, unknown>,
  files: ParsedFiles,
  data: Data,
): DataFile["apps"] | undefined {
  const read = files.read(path, readJson);
  if (read.source) data.sources.push(read.source);
  if ("problems" in read) {
    data.problems.push(...textProblems(path, read.problems));
    return undefined;
  }
  const place = placesIn(path);
  const known = keysOf(tree.apps);
  const wrong = wrongForm(read.value, place);
  data.problems.push(...wrong);
  if (wrong.length > 0) return undefined;
  const { apps = {} } = read.value as { apps?: DataFile["apps"] };
  for (const name of Object.keys(apps)) {
    if (!known.has(name)) data.problems.push(unknown("LF1005", "app", name, known, place(["apps", name])));
  }
  return apps;
}

function wrongForm(value: unknown, place: PlaceOf): Problem[] {
  const fix = 'write { "apps": { "cart": { "image": "…" } } }';
  if (!isRecord(value)) return [problem("LF1003", { what: "it is no JSON object", fix, where: place([]) })];
  const foreign = Object.keys(value).filter((key) => key !== "apps");
  const problems = foreign.map((key) =>
    problem("LF1004", {
      what: `unknown key \`${key}\``,
      fix: "a data file has `apps` alone",
      where: place([key]),
    }),
  );
  const { apps = {} } = value;
  if (!isRecord(apps))
    return [...problems, problem("LF1003", { what: "apps: is no object", fix, where: place(["apps"]) })];
  for (const [name, patch] of Object.entries(apps)) {
    if (isRecord(patch)) continue;
    const where = place(["apps", name]);
    problems.push(problem("LF1003", { what: `apps.${name}: is no object of changes`, fix, where }));
  }
  return problems;
}
