/**
 * What a build leaves behind so that the next one after a small change need not read, check and render everything
 * again. One file under `LANDFALL_HOME`: a line of JSON about the whole, then a line for each app, read when needed.
 */
import { hash } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { AppServices } from "../../compile/app-policy.ts";
import type { Facts } from "../../compile/facts.ts";
import type { Surroundings } from "../../kit/placed-app.ts";
import type { DataFile } from "../../model/declaration.ts";
import type { Source } from "../../model/parsed-files.ts";
import type { Problem } from "../../util/errors.ts";
import { besidePath } from "../../util/files.ts";
import { cachePath } from "../../util/home.ts";

/** Raised with every change of what is recorded. */
const format = 3;

/** The clusters that get one variant of an app, and what it was made of beside the app itself. */
export interface PlacedVariant {
  clusters: string[];
  /** In the fleet's folder. */
  path: string;
  placed: Surroundings;
  /** Index in the record's `services`. */
  services: number;
  secrets: Record<string, string>;
  kinds: Facts["kinds"];
  namespaces: Facts["namespaces"];
  images: string[];
}

export interface AppRecord {
  /** The app as it was declared. */
  tree: unknown;
  variants: PlacedVariant[];
}

export interface BuildRecord {
  company: string;
  dir: string;
  /** The declaration's file, and its tree without the apps. */
  file: string;
  main: Record<string, unknown>;
  data: DataFile[];
  sources: Source[];
  folders: string[];
  /** State of the folder of secrets. */
  secrets: string;
  /** The day waivers were held against. */
  today: string;
  /** When it was made, in epoch milliseconds. */
  recordedMs: number;
  /** The fleet's folder. */
  out: string;
  /** Whether that folder was named for the build, and is not the declaration's. */
  named: boolean;
  services: AppServices[];
  warnings: Problem[];
  app(name: string): AppRecord | undefined;
}

interface Head extends Omit<BuildRecord, "app" | "sources"> {
  format: number;
  code: string;
  /** Columns, which read faster than records. */
  sources: { path: string[]; size: number[]; mtimeMs: number[]; digest: string[] };
  /** Names of the apps in the order of their lines. */
  apps: string[];
}

const pathOf = (file: string) => cachePath("builds", `${hash("sha256", file).slice(0, 32)}.jsonl`);

/** The record of the last build of a declaration by this very code; undefined where there is none. */
export function readRecord(file: string): BuildRecord | undefined {
  try {
    const text = readFileSync(pathOf(file), "latin1");
    const end = text.indexOf("\n");
    const { sources, apps, code, format: found, ...head } = JSON.parse(decoded(text.slice(0, end))) as Head;
    if (found !== format || code !== codeState()) return undefined;
    const { path, size, mtimeMs, digest } = sources;
    const at = new Map(apps.map((name, i) => [name, i]));
    const lines = text.slice(end + 1).split("\n");
    if (lines.length <= apps.length) return undefined;
    const later = new Map<string, AppRecord>();
    const record: BuildRecord = {
      ...head,
      sources: path.map((p, i) => ({
        path: p,
        size: size[i] as number,
        mtimeMs: mtimeMs[i] as number,
        digest: digest[i] as string,
      })),
      app: (name) => {
        const line = lines[at.get(name) ?? -1];
        return later.get(name) ?? (line ? (JSON.parse(decoded(line)) as AppRecord) : undefined);
      },
    };
    for (const line of lines.slice(apps.length))
      if (line) apply(record, later, JSON.parse(decoded(line)) as Update);
    return record;
  } catch {
    return undefined;
  }
}

/** What a quick build changed. */
interface Update {
  data: DataFile[];
  /** Only those that are other than before. */
  sources: Source[];
  recordedMs: number;
  apps: [name: string, app: AppRecord][];
}

function apply(record: BuildRecord, later: Map<string, AppRecord>, update: Update): void {
  const changed = new Map(update.sources.map((source) => [source.path, source]));
  record.data = update.data;
  record.recordedMs = update.recordedMs;
  record.sources = record.sources.map((source) => changed.get(source.path) ?? source);
  for (const [name, app] of update.apps) later.set(name, app);
}

/** Bring a record up to date, here and in its file. A line cut off by a kill is what makes the next build a whole one. */
export function appendToRecord(
  record: BuildRecord,
  { data, sources, apps }: Omit<Update, "recordedMs">,
): void {
  const before = new Map(record.sources.map((source) => [source.path, source]));
  const changed = sources.filter((source) => before.get(source.path) !== source);
  if (changed.length === 0) return;
  const update: Update = { data, sources: changed, recordedMs: Date.now(), apps };
  const app = record.app;
  const later = new Map<string, AppRecord>();
  apply(record, later, update);
  record.app = (name) => later.get(name) ?? app(name);
  try {
    appendFileSync(pathOf(record.file), `${JSON.stringify(update)}\n`);
  } catch {
    // The next build reads these files again.
  }
}

/** Bytes that were read one character each, which is quicker than decoding text that nobody looks at. */
const decoded = (bytes: string) => Buffer.from(bytes, "latin1").toString("utf8");

/** Keep a record for the next build. A home that cannot be written is no error. */
export function writeRecord(
  { app: _app, sources, ...record }: BuildRecord,
  apps: ReadonlyMap<string, AppRecord>,
): void {
  const head: Head = {
    format,
    code: codeState(),
    ...record,
    sources: {
      path: sources.map(({ path }) => path),
      size: sources.map(({ size }) => size),
      mtimeMs: sources.map(({ mtimeMs }) => mtimeMs),
      digest: sources.map(({ digest }) => digest),
    },
    apps: [...apps.keys()],
  };
  try {
    writeLines(pathOf(record.file), head, apps.values());
  } catch {
    // The next build does everything again.
  }
}

function writeLines(path: string, head: Head, apps: Iterable<AppRecord>): void {
  const aside = besidePath(path);
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(aside, "wx");
  try {
    let text = `${JSON.stringify(head)}\n`;
    for (const app of apps) {
      text += `${JSON.stringify(app)}\n`;
      if (text.length < 1 << 20) continue;
      writeSync(file, text);
      text = "";
    }
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
  renameSync(aside, path);
}

const source = join(import.meta.dirname, "../..");
let state: string | undefined;

/** Tells this code from any other: a record of older code says nothing about what this one would build. */
function codeState(): string {
  state ??= hash("sha256", treeState(source));
  return state;
}

/** Names, sizes and times of all files below a folder; empty where there is none. */
export function treeState(folder: string): string {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .map((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return treeState(path);
        const { size, mtimeMs } = statSync(path);
        return `${entry.name} ${size} ${mtimeMs}`;
      })
      .join("\n");
  } catch {
    return "";
  }
}
