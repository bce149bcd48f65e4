import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { failure } from "../../util/errors.ts";

const overlayMagic = 0x794c7630;

function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}

/** Whether a path (or its nearest existing parent) lies on overlayfs, which cannot carry another overlay. */
export function isOverlay(path: string): boolean {
  return statfsSync(existing(path)).type === overlayMagic;
}

/** Bytes that may still be written below a path. */
export function freeSpace(path: string): number {
  const stat = statfsSync(existing(path));
  return stat.bavail * stat.bsize;
}

const gib = 1024 ** 3;

/** LF4004 when fewer than `bytes` are free below `path`. */
export function requireSpace(path: string, bytes: number, purpose: string): void {
  const free = freeSpace(path);
  if (free >= bytes) return;
  throw failure("LF4004", {
    what: `${(bytes / gib).toFixed(1)} GiB of disk are needed for ${purpose}, ${(free / gib).toFixed(1)} GiB are free`,
    why: `${path} is on a disk that is nearly full`,
    fix: "free some space, or set LANDFALL_HOME to a folder on another disk",
  });
}
