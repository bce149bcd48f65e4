import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path/posix";
import type { Entry } from "./layer.ts";

/**
 * Entries of everything under a folder, below `prefix` in the image (without a leading slash; "" for its root).
 * Set-user-id bits are dropped: nothing in these images may gain rights. `skip` gets the path below the folder.
 */
export function treeEntries(folder: string, prefix: string, skip?: (path: string) => boolean): Entry[] {
  const entries: Entry[] = [];
  const folders = [""];
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
    for (const path of namesIn(folder, below)) {
      const entry = skip?.(path) ? undefined : entryOf(join(folder, path), join(prefix, path));
      if (entry) entries.push(entry);
      if (entry?.type === "directory") folders.push(path);
    }
  }
  return entries;
}

const namesIn = (folder: string, below: string) =>
  readdirSync(join(folder, below)).map((name) => join(below, name));

/** One path of this machine as an entry; undefined for sockets, devices and pipes. */
export function entryOf(file: string, path: string): Entry | undefined {
  const stat = lstatSync(file);
  if (stat.isSymbolicLink()) return { path, type: "symlink", link: readlinkSync(file) };
  // Readable by all: the container's user owns nothing here.
  if (stat.isDirectory()) return { path, type: "directory", mode: 0o755 | (stat.mode & 0o1777) };
  if (stat.isFile()) return { path, type: "file", mode: stat.mode & 0o111 ? 0o755 : 0o644, file };
  return undefined;
}
