/**
 * The fleet's files in a folder. What must hold: a build that is killed or runs out of disk at any moment loses
 * nothing and the next one completes it; work that somebody did by hand is never overwritten or removed unasked.
 *
 * New content is written aside within the folder and renamed into place. Before the first rename the manifest names
 * the old and the new digest of each file, so that a half-done tree is known as landfall's own. The manifest is
 * written last: a file older than it is as the manifest says, and only younger ones are read.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { failure, messageOf } from "../util/errors.ts";
import { type FleetFile, fileOf } from "./flux/tree.ts";
import { makeAside } from "./folder-aside.ts";
import { hasDigest, type Manifest, manifestText, readManifest, writeManifest } from "./folder-manifest.ts";

export interface FolderResult {
  written: number;
  removed: number;
  unchanged: number;
}

/**
 * Make a folder hold exactly these files, given as text or as files whose text is read only when it is written. Files
 * that landfall did not write are never touched.
 * Throws LF3001 when it cannot be written, LF3004 when a file of landfall's was changed by hand (`force` overwrites).
 */
export function writeFolder(
  folder: string,
  given: ReadonlyMap<string, FleetFile | string>,
  options: { force?: boolean } = {},
): FolderResult {
  const files = new Map<string, FleetFile>();
  for (const [path, file] of given) files.set(path, typeof file === "string" ? fileOf(file) : file);
  const { manifest: before, writtenMs } = readManifest(folder);
  const isThere = (path: string, { digest }: FleetFile): boolean => {
    const stat = statSync(join(folder, path), { throwIfNoEntry: false });
    if (!stat) return false;
    const [known, ...more] = before[path] ?? [];
    if (stat.mtimeMs < writtenMs && more.length === 0 && known) return known === digest;
    const text = contentOf(folder, path);
    return text !== undefined && hasDigest(text, digest);
  };
  const changed = [...files].filter(([path, file]) => !isThere(path, file));
  const stale = Object.keys(before).filter((path) => !files.has(path));
  refuseLinks(folder, [...changed.map(([path]) => path), ...stale]);
  if (!options.force) refuseHandEdits(folder, before, [...changed.map(([path]) => path), ...stale]);
  const result = { written: changed.length, removed: stale.length, unchanged: files.size - changed.length };
  const after: Manifest = {};
  for (const [path, { digest }] of files) after[path] = [digest];
  if (changed.length === 0 && stale.length === 0 && manifestText(before) === manifestText(after))
    return result;
  write(folder, { changed, stale, before, after });
  return result;
}

/**
 * Replace some files of a folder that landfall wrote as a whole; undefined where the folder is not as it was left, so
 * that only writing all of it tells what is to be done. `trusted` spares looking at the other files.
 */
export function patchFolder(
  folder: string,
  files: ReadonlyMap<string, FleetFile>,
  { trusted }: { trusted: boolean },
): FolderResult | undefined {
  const { manifest: before, writtenMs } = readManifest(folder);
  const paths = Object.keys(before);
  const asLeft = (path: string) => {
    const stat = statSync(join(folder, path), { throwIfNoEntry: false });
    const [digest = "", ...more] = before[path] ?? [];
    if (!stat || more.length > 0) return false;
    return stat.mtimeMs < writtenMs || hasDigest(contentOf(folder, path) ?? "", digest);
  };
  if (paths.length === 0 || ![...files.keys()].every(asLeft)) return undefined;
  if (!trusted && !paths.every(asLeft)) return undefined;
  const changed = [...files].filter(([path, { digest }]) => before[path]?.[0] !== digest);
  const result = { written: changed.length, removed: 0, unchanged: paths.length - changed.length };
  if (changed.length === 0) return result;
  refuseLinks(
    folder,
    changed.map(([path]) => path),
  );
  const after = { ...before };
  for (const [path, { digest }] of changed) after[path] = [digest];
  write(folder, { changed, stale: [], before, after });
  return result;
}

interface Change {
  changed: [path: string, file: FleetFile][];
  stale: string[];
  before: Manifest;
  after: Manifest;
}

function write(folder: string, change: Change): void {
  try {
    replace(folder, change);
  } catch (error) {
    throw failure(
      "LF3001",
      {
        what: `the fleet cannot be written to ${folder}`,
        why: messageOf(error),
        fix: "make room or give write permission, then build again; nothing was lost",
      },
      error,
    );
  }
}

function replace(folder: string, { changed, stale, before, after }: Change): void {
  requireSpace(folder, changed);
  const aside = makeAside(folder);
  try {
    const makeFolder = folderMaker();
    for (const [path, { text }] of changed) {
      makeFolder(dirname(join(aside.path, path)));
      writeFileSync(join(aside.path, path), text);
    }
    const both: Manifest = { ...before };
    for (const [path] of changed) both[path] = [...(before[path] ?? []), ...(after[path] ?? [])];
    writeManifest(folder, aside.path, both);
    moveIntoPlace(
      aside.path,
      folder,
      changed.map(([path]) => path),
    );
    for (const path of stale) remove(folder, path);
    writeManifest(folder, aside.path, after);
  } finally {
    aside.remove();
  }
}

/** A folder at the top that is new is moved as a whole, everything else file by file. */
function moveIntoPlace(aside: string, folder: string, paths: string[]): void {
  const makeFolder = folderMaker();
  const tops = Map.groupBy(paths, (path) => path.split("/", 1)[0] as string);
  for (const [top, inside] of tops) {
    if (!existsSync(join(folder, top))) renameSync(join(aside, top), join(folder, top));
    else {
      for (const path of inside) {
        makeFolder(dirname(join(folder, path)));
        renameSync(join(aside, path), join(folder, path));
      }
    }
  }
}

/** Makes a folder unless it made it before. */
function folderMaker(): (path: string) => void {
  const made = new Set<string>();
  return (path) => {
    if (made.has(path)) return;
    mkdirSync(path, { recursive: true });
    made.add(path);
  };
}

function contentOf(folder: string, path: string): string | undefined {
  try {
    return readFileSync(join(folder, path), "utf8");
  } catch {
    return undefined;
  }
}

function requireSpace(folder: string, files: [string, FleetFile][]): void {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  let needed = 0;
  for (const [, { text }] of files) needed += Buffer.byteLength(text) + bsize;
  if (bavail * bsize < needed)
    throw new Error(
      `${Math.ceil(needed / 1024)} KiB are needed, ${Math.floor((bavail * bsize) / 1024)} KiB are free`,
    );
}

function remove(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true });
  for (let parent = dirname(path); parent !== "."; parent = dirname(parent)) {
    const absolute = join(folder, parent);
    if (!existsSync(absolute) || readdirSync(absolute).length > 0) return;
    rmSync(absolute, { recursive: true });
  }
}

/** Below a folder that is a symbolic link, writing and removing would happen elsewhere. */
function refuseLinks(folder: string, paths: string[]): void {
  const parents = new Set<string>();
  for (const path of paths) {
    for (let parent = dirname(path); parent !== "." && !parents.has(parent); parent = dirname(parent))
      parents.add(parent);
  }
  const link = [...parents].find((parent) =>
    lstatSync(join(folder, parent), { throwIfNoEntry: false })?.isSymbolicLink(),
  );
  if (link === undefined) return;
  throw failure("LF3001", {
    what: `${join(folder, link)} is a symbolic link`,
    why: "what is written or removed below it would be in another place",
    fix: "remove the link; landfall makes the folder",
  });
}

/** A file that is not as landfall left it, or that it never wrote, may hold somebody's work. */
function refuseHandEdits(folder: string, before: Manifest, paths: string[]): void {
  if (!existsSync(folder)) return;
  const edited = paths.filter((path) => {
    const text = contentOf(folder, path);
    return text !== undefined && !before[path]?.some((digest) => hasDigest(text, digest));
  });
  if (edited.length === 0) return;
  const shown = edited
    .slice(0, 5)
    .map((path) => relative(process.cwd(), join(folder, path)).split(sep).join("/"));
  throw failure("LF3004", {
    what: `${edited.length} files in ${folder} were changed by hand: ${shown.join(", ")}${edited.length > 5 ? ", …" : ""}`,
    why: "the next build would overwrite them",
    fix: "move the change into the declaration, or run `landfall build --force`",
  });
}
