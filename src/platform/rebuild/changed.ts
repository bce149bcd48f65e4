import { hash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { differsInwardly } from "../../compile/inward.ts";
import type { DataFile } from "../../model/declaration.ts";
import { listEstate } from "../../model/list-files.ts";
import { dataFolders } from "../../model/load-data.ts";
import { grain, type Source } from "../../model/parsed-files.ts";
import { readJson } from "../../model/read-json.ts";
import { readYaml } from "../../model/read-yaml.ts";
import { isRecord } from "../../util/records.ts";
import type { AppRecord, BuildRecord } from "./record.ts";

/** What changed since a build, where only apps changed, and these inwardly. */
export interface Changed {
  /** Each app concerned: as it is declared now, and its record. */
  apps: Map<string, { tree: unknown; record: AppRecord }>;
  data: DataFile[];
  /** All sources as they are now. */
  sources: Source[];
}

/** More than this many apps are compiled together. */
const mostApps = 200;

/** The changes since a build; undefined where more changed than this can tell. `touched` narrows what is looked at. */
export function changedSince(record: BuildRecord, touched?: ReadonlySet<string>): Changed | undefined {
  if (!touched && !hasSameFiles(record)) return undefined;
  const files = changedFiles(record, touched);
  if (!files) return undefined;
  const changed: Changed = { apps: new Map(), data: record.data, sources: files.sources };
  const add = (name: string, tree: (known: AppRecord) => unknown) => {
    const known = changed.apps.get(name)?.record ?? record.app(name);
    if (known) changed.apps.set(name, { tree: tree(known), record: known });
    return known !== undefined && changed.apps.size <= mostApps;
  };
  for (const [path, text] of files.changed) {
    const done = path.endsWith(".json")
      ? takeData(path, text, changed, (name) => add(name, ({ tree }) => changed.apps.get(name)?.tree ?? tree))
      : takeApp(path, text, add);
    if (!done) return undefined;
  }
  return changed;
}

function takeApp(
  path: string,
  text: string,
  add: (name: string, tree: (known: AppRecord) => unknown) => boolean,
): boolean {
  const read = readYaml(text);
  if (!read.ok) return false;
  return add(basename(path).replace(/\.ya?ml$/, ""), () => read.value);
}

/** A data file: every app whose patch in it is another one. */
function takeData(path: string, text: string, changed: Changed, add: (name: string) => boolean): boolean {
  const index = changed.data.findIndex(({ file }) => file === path);
  const before = changed.data[index];
  const read = readJson(text);
  if (!before || !read.ok) return false;
  const { apps, ...rest } = (read.value ?? {}) as { apps?: DataFile["apps"] };
  if (Object.keys(rest).length > 0 || !isRecord(apps)) return false;
  const names = new Set([...Object.keys(before.apps), ...Object.keys(apps)]);
  for (const name of names) {
    const [a = {}, b = {}] = [before.apps[name], apps[name]];
    if (JSON.stringify(a) === JSON.stringify(b)) continue;
    if (!differsInwardly(a, b) || !add(name)) return false;
  }
  changed.data = changed.data.with(index, { ...before, apps });
  return true;
}

/** Whether the estate and the data files are the files they were. */
function hasSameFiles({ dir, main, sources, folders }: BuildRecord): boolean {
  const listing = listEstate(dir, main.include);
  if (listing.problems.length > 0) return false;
  const known = new Set(sources.map(({ path }) => path));
  const data = dataFolders(dir).filter((folder) => existsSync(folder));
  const dataFiles = data
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith(".json"));
  if (![...listing.files, ...dataFiles].every((path) => known.has(path))) return false;
  const there = new Set([...listing.folders, ...data]);
  return folders.every((folder) => there.has(folder));
}

/** Files that are not as they were, with their text; undefined when one of them is neither an app nor data. */
function changedFiles(
  { sources, file, dir, recordedMs }: BuildRecord,
  touched: ReadonlySet<string> | undefined,
): { changed: [path: string, text: string][]; sources: Source[] } | undefined {
  const changed: [string, string][] = [];
  const now = [...sources];
  for (const [i, source] of sources.entries()) {
    const { path } = source;
    if (touched && !touched.has(path)) continue;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return undefined;
    // A change within the clock's grain does not show.
    const settled = Math.max(stat.mtimeMs, stat.ctimeMs) + grain < recordedMs;
    if (settled && stat.size === source.size && stat.mtimeMs === source.mtimeMs) continue;
    const text = readFileSync(path, "utf8");
    const digest = hash("sha256", text);
    now[i] = { path, size: stat.size, mtimeMs: stat.mtimeMs, digest };
    if (digest === source.digest) continue;
    const isData = path.startsWith(join(dir, "values/"));
    if (path === file || !(isData || /\.ya?ml$/.test(path))) return undefined;
    changed.push([path, text]);
  }
  return { changed, sources: now };
}
