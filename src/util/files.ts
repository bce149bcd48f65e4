import { randomBytes } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, sep } from "node:path";

/** A name beside `path` that no other process uses. */
export function besidePath(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
}

/** The text of a file, or undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
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

/**
 * Whether a path lies in a folder, or is it, after every symbolic link on the way is followed; what is not there yet
 * counts by what is above it. A link that leads nowhere could lead anywhere later, so it does not stay.
 */
export function staysInside(folder: string, path: string): boolean {
  let existing = path;
  while (!lstatSync(existing, { throwIfNoEntry: false })) existing = dirname(existing);
  try {
    const [home, real] = [realpathSync(folder), realpathSync(existing)];
    return real === home || real.startsWith(home + sep);
  } catch {
    return false;
  }
}
