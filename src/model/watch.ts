/**
 * Tells when a file that a declaration is read from changes. One watcher a folder, since what an editor does to a file
 * (write, or write aside and rename) shows in its folder, and a folder of ten thousand files costs one watch.
 */
import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import { failure } from "../util/errors.ts";
import type { Declaration } from "./declaration.ts";
import { declaresApps } from "./list-files.ts";
import { shown } from "./shown.ts";

/** Changes this close together are told at once, in milliseconds; a save is several events. */
const quiet = 10;
/** The longest that changes are held back while more follow. */
const longest = 200;

export interface DeclarationWatch {
  /** Watch what a newer reading of the declaration was read from. */
  follow(declaration: Pick<Declaration, "sources" | "folders">): void;
}

/**
 * Watch the declaration at `file`: itself, the folders of its estate, its data files and the modules it imports.
 * `onChange` gets the absolute paths of files that were written, added or removed, in order. Ends with `signal`.
 * Throws when the system gives no more watches (LF1001).
 */
export function watchDeclaration(
  file: string,
  onChange: (files: string[]) => void,
  signal: AbortSignal,
): DeclarationWatch {
  const dir = dirname(file);
  const values = join(dir, "values");
  const watchers = new Map<string, FSWatcher>();
  let sources = new Set([file]);
  let folders = new Set<string>();
  const changes = debounced(onChange, signal);

  const close = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const open = (folder: string): void => {
    if (watchers.has(folder) || signal.aborted) return;
    try {
      const watcher = watch(folder, { persistent: true }, (_event, name) => {
        if (name !== null) see(join(folder, name));
      });
      watcher.on("error", () => close(folder));
      watchers.set(folder, watcher);
    } catch (error) {
      refuse(error as NodeJS.ErrnoException, folder);
    }
  };
  const see = (path: string): void => {
    const kind = statSync(path, { throwIfNoEntry: false });
    if (!kind) lose(path);
    else if (!kind.isDirectory()) touch(path);
    else if (folders.has(dirname(path)) || path === values) enter(path);
  };
  const touch = (path: string): void => {
    if (sources.has(path) || (folders.has(dirname(path)) && isRead(path))) changes.add(path);
  };
  /** A folder that is gone took its files along. */
  const lose = (path: string): void => {
    touch(path);
    if (folders.delete(path)) for (const gone of below(sources, path)) changes.add(gone);
  };
  /** A folder that is new: what is in it already was written before it could be watched. */
  const enter = (folder: string): void => {
    if (basename(folder).startsWith(".") || basename(folder) === "node_modules") return;
    folders.add(folder);
    open(folder);
    for (const name of namesIn(folder)) see(join(folder, name));
  };

  signal.addEventListener("abort", () => [...watchers.keys()].forEach(close), { once: true });
  const follow: DeclarationWatch["follow"] = (declaration) => {
    sources = new Set([file, ...declaration.sources.map(({ path }) => path)]);
    folders = new Set(declaration.folders);
    const needed = new Set([dir, ...folders, ...[...sources].map((path) => dirname(path))]);
    for (const folder of [...watchers.keys()]) if (!needed.has(folder)) close(folder);
    for (const folder of needed) open(folder);
  };
  follow({ sources: [], folders: [] });
  return { follow };
}

const isRead = (path: string) => declaresApps(basename(path)) || path.endsWith(".json");

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function below(paths: Set<string>, folder: string): string[] {
  return [...paths].filter((path) => path.startsWith(`${folder}/`));
}

function refuse(error: NodeJS.ErrnoException, folder: string): void {
  // A folder that went away between the reading and now shows as its parent's change.
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return;
  throw failure("LF1001", {
    what: `${shown(folder)} cannot be watched`,
    why: error.message,
    fix: "raise fs.inotify.max_user_watches and max_user_instances, or build without --watch",
  });
}

/** Gathers paths until no more come for a moment. */
function debounced(onChange: (files: string[]) => void, signal: AbortSignal): { add(path: string): void } {
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let first = 0;
  const tell = () => {
    const files = [...pending].sort();
    pending.clear();
    if (!signal.aborted && files.length > 0) onChange(files);
  };
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  return {
    add: (path) => {
      if (pending.size === 0) first = performance.now();
      pending.add(path);
      clearTimeout(timer);
      timer = setTimeout(tell, Math.min(quiet, Math.max(0, first + longest - performance.now())));
    },
  };
}
