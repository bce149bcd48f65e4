import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { besidePath, writeFileAtomic } from "../util/files.ts";
import type { ChangedFile } from "./rewrite.ts";

/**
 * Lay the files of a declaration out aside, below the folder of its main one, so that they evaluate as they would in
 * their places: relative imports lead to each other, packages are found by the folders above.
 */
export async function withCopy<T>(
  main: string,
  files: ReadonlyMap<string, string>,
  use: (main: string) => Promise<T>,
): Promise<T> {
  const aside = besidePath(join(dirname(main), ".landfall-migrate"));
  const root = commonFolder([main, ...files.keys()]);
  const copyOf = (path: string) => join(aside, relative(root, path));
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(copyOf(path)), { recursive: true });
      writeFileSync(copyOf(path), text);
    }
    return await use(copyOf(main));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function commonFolder(paths: string[]): string {
  let folder = dirname(paths[0] ?? "/");
  while (paths.some((path) => relative(folder, path).startsWith(".."))) folder = dirname(folder);
  return folder;
}

/**
 * Replace files: all are written aside first, then renamed. Where one cannot be renamed, those before it get their old
 * content back, and the error is thrown.
 */
export function replaceFiles(files: readonly ChangedFile[]): void {
  const written: { path: string; aside: string }[] = [];
  const done: ChangedFile[] = [];
  try {
    for (const { path, after } of files) {
      const aside = besidePath(path);
      written.push({ path, aside });
      writeFileSync(aside, after, { mode: statSync(path).mode & 0o777, flag: "wx" });
    }
    for (const [i, { path, aside }] of written.entries()) {
      renameSync(aside, path);
      done.push(files[i] as ChangedFile);
    }
  } catch (error) {
    for (const { path, before } of done) writeFileAtomic(path, before, statSync(path).mode & 0o777);
    throw error;
  } finally {
    for (const { aside } of written) rmSync(aside, { force: true });
  }
}
