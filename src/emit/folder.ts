import {
  existsSync,
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
import { besidePath } from "../util/files.ts";
import { sha256 } from "../util/hash.ts";

/** The list of what landfall wrote, so that it removes nothing else. */
const manifestName = ".landfall-files.json";

export interface FolderResult {
  written: number;
  removed: number;
  unchanged: number;
}

/**
 * Make a folder hold exactly these files. Everything new is first written aside, then renamed into place, so that a
 * full disk leaves the old tree whole. Files that landfall did not write are never touched.
 * Throws LF3001 when it cannot be written, LF3004 when a file of landfall's was changed by hand (`force` overwrites).
 */
export function writeFolder(
  folder: string,
  files: ReadonlyMap<string, string>,
  options: { force?: boolean } = {},
): FolderResult {
  const before = readManifest(folder);
  const changed = [...files].filter(
    ([path, text]) => before[path] !== sha256(text) || !existsSync(join(folder, path)),
  );
  if (!options.force)
    refuseHandEdits(
      folder,
      before,
      changed.map(([path]) => path),
    );
  const stale = Object.keys(before).filter((path) => !files.has(path));
  const aside = besidePath(folder);
  try {
    requireSpace(folder, changed);
    for (const [path, text] of changed) write(join(aside, path), text);
    for (const [path] of changed) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      renameSync(join(aside, path), join(folder, path));
    }
    const manifest = Object.fromEntries([...files].map(([path, text]) => [path, sha256(text)]));
    write(join(aside, manifestName), `${JSON.stringify(manifest, null, 1)}\n`);
    mkdirSync(folder, { recursive: true });
    renameSync(join(aside, manifestName), join(folder, manifestName));
  } catch (error) {
    throw failure(
      "LF3001",
      {
        what: `the fleet cannot be written to ${folder}`,
        why: messageOf(error),
        fix: "make room or give write permission; what was there before is still there",
      },
      error,
    );
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  for (const path of stale) remove(folder, path);
  return { written: changed.length, removed: stale.length, unchanged: files.size - changed.length };
}

function requireSpace(folder: string, files: [string, string][]): void {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  const needed = files.reduce((sum, [, text]) => sum + Buffer.byteLength(text) + bsize, 0);
  if (bavail * bsize < needed)
    throw new Error(
      `${Math.ceil(needed / 1024)} KiB are needed, ${Math.floor((bavail * bsize) / 1024)} KiB are free`,
    );
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function remove(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true });
  for (let parent = dirname(path); parent !== "."; parent = dirname(parent)) {
    const absolute = join(folder, parent);
    if (!existsSync(absolute) || readdirSync(absolute).length > 0) return;
    rmSync(absolute, { recursive: true });
  }
}

function readManifest(folder: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(join(folder, manifestName), "utf8")) as Record<string, string>;
  } catch {
    return {};
  }
}

/** A file that is not as landfall left it, or that it never wrote, may hold somebody's work. */
function refuseHandEdits(folder: string, before: Record<string, string>, paths: string[]): void {
  const edited = paths.filter((path) => {
    const file = join(folder, path);
    return existsSync(file) && statSync(file).isFile() && sha256(readFileSync(file)) !== before[path];
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
