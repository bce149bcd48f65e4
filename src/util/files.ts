import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** A name beside `path` that no other process uses. */
export function besidePath(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
}

/** Write a file aside and rename it into place, so that readers see the old or the new content, never half. */
export function writeFileAtomic(path: string, data: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const aside = besidePath(path);
  try {
    writeFileSync(aside, data, { mode });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

/**
 * Fill a folder aside and rename it into place. When another process was first, its result is kept.
 * `fill` gets the folder to write into; when it throws, nothing is left behind.
 */
export async function makeFolderAtomic(path: string, fill: (aside: string) => Promise<void>): Promise<void> {
  if (existsSync(path)) return;
  const aside = besidePath(path);
  mkdirSync(aside, { recursive: true });
  try {
    await fill(aside);
    renameSync(aside, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
