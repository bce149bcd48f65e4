import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { failure } from "../../util/errors.ts";
import { hashOfSource, listSource, type SourceFile } from "../../util/source-tree.ts";

/** A source folder read once: what the language builders work on. */
export interface Source {
  /** Absolute; `path` and the files' paths are relative to it. */
  root: string;
  /** The app's folder, normalised, `.` for the root itself. */
  path: string;
  files: SourceFile[];
  /** SHA-256 of it all, hex. */
  hash: string;
}

/** Where a source lies in its image: paths below the root are kept, so that `../proto` still leads there. */
export const appFolder = "/app";

/** List and hash a source. @throws LandfallError LF1012 */
export function readSource(recipe: { root: string; path: string; shared: string[] }): Source {
  const path = posix.normalize(recipe.path).replace(/\/$/, "");
  const files = listSource(recipe.root, path, recipe.shared);
  return { root: recipe.root, path, files, hash: hashOfSource(path, files) };
}

/** The folder an app's process starts in, inside the image. */
export function workdirOf(source: Source): string {
  return posix.join(appFolder, source.path);
}

/** True when the app's own folder has the file. */
export function hasFile(source: Source, name: string): boolean {
  return source.files.some((file) => file.path === posix.join(source.path, name));
}

/** The file's path on this machine. @throws LandfallError LF5003 when the source lacks it */
export function requireFile(source: Source, name: string, why: string): string {
  const file = join(source.root, source.path, name);
  if (hasFile(source, name) && existsSync(file)) return file;
  throw failure("LF5003", {
    what: `${posix.join(source.path, name)} is missing`,
    why,
    fix: "add the file, or set the source's language",
    where: { file: posix.join(source.path, name) },
  });
}
