/**
 * Files of a declaration, read and parsed; what did not change since an earlier run comes from a cache under
 * `LANDFALL_HOME`. A file counts as unchanged while its size, inode and both times are the same: the time of change
 * cannot be set back. A file that was changed just before it was read is read again next time, since a second change
 * within the clock's grain would not show.
 */
import { hash } from "node:crypto";
import { readFileSync, type Stats, statSync } from "node:fs";
import { cachePath } from "../util/home.ts";
import { keepInCache } from "./cache-file.ts";
import { type Read, readYaml } from "./read-yaml.ts";
import type { TextProblem } from "./yaml-places.ts";

/** A file that the declaration was read from, as it was then. */
export interface Source {
  /** Absolute. */
  path: string;
  size: number;
  mtimeMs: number;
  /** SHA-256 of its content, in lower-case hex. */
  digest: string;
}

export type ParsedFile = { path: string } & (
  | { source: Source; value: unknown }
  | { source?: Source; problems: TextProblem[] }
);

export interface ParsedFiles {
  /** Read a file once; `parse` tells its form. */
  read(path: string, parse?: (text: string) => Read): ParsedFile;
  /** Keep what was read for the next run, when that is worth writing. */
  save(): void;
  /** From now on trust what was read in this process, but for these files. */
  forget(changed: readonly string[]): void;
}

/** Raised with every change of what a text is read as. */
const format = 1;
/** Coarser than any clock of a file system, in milliseconds. */
export const grain = 2000;
/** Changed files up to which a large cache is left as it is: reading them again costs less than writing it. */
const fewFiles = 100;

/** Numbers that the cache's JSON would lose. */
const beyondJson = /\.(inf|nan)\b/i;

type Stamp = [size: number, mtimeMs: number, ctimeMs: number, ino: number];
interface Entry {
  stamp: Stamp;
  digest: string;
  value: unknown;
}
/** As it is stored: columns, which read faster than records. */
interface Stored {
  format: number;
  paths: string[];
  stamps: Stamp[];
  digests: string[];
  values: unknown[];
}

/** The files of the declaration at `file`. */
export function openParsedFiles(file: string): ParsedFiles {
  const store = cachePath("estates", `${hash("sha256", file).slice(0, 32)}.json`);
  const known = stored(store);
  const kept = new Map<string, Entry>();
  let missed = 0;
  const memory = new Map<string, ParsedFile>();
  const read: ParsedFiles["read"] = (path, parse = readYaml) => {
    const seen = memory.get(path) ?? readOne(path, parse);
    memory.set(path, seen);
    return seen;
  };
  const readOne = (path: string, parse: (text: string) => Read): ParsedFile => {
    const before = Date.now();
    let stat: Stats;
    let text: string;
    let stamp: Stamp;
    try {
      stat = statSync(path);
      stamp = [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino];
      const entry = known.get(path);
      if (entry && same(entry.stamp, stamp)) {
        kept.set(path, entry);
        return { path, value: entry.value, source: sourceOf(path, stat, entry.digest) };
      }
      text = readFileSync(path, "utf8");
    } catch (error) {
      return { path, problems: [unreadable(error as NodeJS.ErrnoException)] };
    }
    const source = sourceOf(path, stat, hash("sha256", text));
    const result = parse(text);
    if (!result.ok) return { path, source, problems: result.problems };
    if (Math.max(stat.mtimeMs, stat.ctimeMs) + grain < before && !beyondJson.test(text)) {
      missed++;
      kept.set(path, { stamp, digest: source.digest, value: result.value });
    }
    return { path, source, value: result.value };
  };
  return {
    read,
    forget: (changed) => {
      for (const path of changed) memory.delete(path);
    },
    save: () => {
      const gone = known.size + missed - kept.size;
      if (kept.size >= fewFiles / 4 && missed + gone > (kept.size > 5 * fewFiles ? fewFiles : 0))
        keep(store, kept);
    },
  };
}

const same = (a: Stamp, b: Stamp) => a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];

function sourceOf(path: string, { size, mtimeMs }: Stats, digest: string): Source {
  return { path, size, mtimeMs, digest };
}

function unreadable({ code, message }: NodeJS.ErrnoException): TextProblem {
  const fix =
    code === "EACCES" ? "let the user that runs landfall read it" : "make it a file that can be read";
  return { code: "LF1001", what: "it cannot be read", why: message, fix };
}

/** What an earlier run kept; nothing when there is none, or it is broken or of another version. */
function stored(path: string): Map<string, Entry> {
  const known = new Map<string, Entry>();
  try {
    const {
      format: found,
      paths,
      stamps,
      digests,
      values,
    } = JSON.parse(readFileSync(path, "utf8")) as Stored;
    const columns = [stamps, digests, values];
    if (found !== format || columns.some(({ length }) => length !== paths.length)) return known;
    for (const [i, file] of paths.entries())
      known.set(file, { stamp: stamps[i] as Stamp, digest: digests[i] as string, value: values[i] });
  } catch {
    known.clear();
  }
  return known;
}

function keep(path: string, kept: Map<string, Entry>): void {
  const entries = [...kept.values()];
  const columns: Stored = {
    format,
    paths: [...kept.keys()],
    stamps: entries.map(({ stamp }) => stamp),
    digests: entries.map(({ digest }) => digest),
    values: entries.map(({ value }) => value),
  };
  keepInCache(path, JSON.stringify(columns));
}
