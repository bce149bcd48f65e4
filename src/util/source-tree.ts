import {
  type Dirent,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from "node:fs";
import { dirname, isAbsolute, join, posix, relative, resolve, sep } from "node:path";
import { failure } from "./errors.ts";
import { staysInside } from "./files.ts";
import { canonicalJson, sha256 } from "./hash.ts";
import { ignoreMatcher } from "./ignore-globs.ts";

/** One file of an app's source. `path` is relative to the root, with forward slashes. */
export interface SourceFile {
  path: string;
  /** 0o755 when its owner may execute it, else 0o644; 0o777 for a symlink. */
  mode: 0o755 | 0o644 | 0o777;
  /** Of the content; of the target for a symlink. */
  sha256: string;
  /** Bytes; 0 for a symlink. */
  size: number;
  /** The target of a symlink, as written in it. */
  link?: string;
}

/** Never part of a source, at any depth; `.landfallignore` can take a name back with `!`. */
const alwaysIgnored = [".git", "node_modules/", "__pycache__/", ".venv/", "dist/", ".landfallignore"];

/**
 * Every file of an app's source folder and its shared folders, sorted by path. Files named by the
 * `.landfallignore` of each folder are left out. Symlinks are kept as such and not followed.
 *
 * @param root absolute; where `path` and `shared` are relative to
 * @throws LandfallError LF1012 when a folder is missing or a folder or symlink leaves the root
 */
export function listSource(root: string, path: string, shared: string[] = []): SourceFile[] {
  const files = new Map<string, SourceFile>();
  for (const folder of [path, ...shared]) {
    const start = checkedFolder(root, folder);
    for (const file of walk(resolve(root), start)) files.set(file.path, file);
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** SHA-256 (hex) of a source: changes when a file's path, content or execute bit does. */
export function sourceHash(root: string, path: string, shared: string[] = []): string {
  return hashOfSource(path, listSource(root, path, shared));
}

/** {@link sourceHash} of files that are listed already. */
export function hashOfSource(path: string, files: SourceFile[]): string {
  const lines = files.map((file) => [file.path, file.mode, file.sha256]);
  return sha256(canonicalJson({ path: posix.normalize(`${path}/`), files: lines }));
}

/** True when a relative path does not climb out of what it is relative to. */
const inside = (path: string) => path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);

function checkedFolder(root: string, folder: string): string {
  const full = resolve(root, folder);
  if (!inside(relative(resolve(root), full))) {
    throw failure("LF1012", {
      what: `the source folder ${folder} lies outside the declaration's folder`,
      why: "an image is built from what is kept together with the declaration",
      fix: "move the folder below the declaration, or the declaration above it",
    });
  }
  if (!staysInside(root, full)) {
    throw failure("LF1012", {
      what: `the source folder ${folder} leads outside the declaration's folder`,
      why: "a symbolic link on the way leaves it, and an image is built from what is kept together with the declaration",
      fix: "replace the link by the folder itself",
    });
  }
  if (!existsSync(full) || !statSync(full).isDirectory()) {
    throw failure("LF1012", {
      what: `the source folder ${folder} does not exist`,
      why: `looked for ${full}`,
      fix: "create it or correct the path",
    });
  }
  return full;
}

function* walk(root: string, start: string): Generator<SourceFile> {
  const ignoreFile = join(start, ".landfallignore");
  const own = existsSync(ignoreFile) ? readFileSync(ignoreFile, "utf8").split("\n") : [];
  const ignored = ignoreMatcher([...alwaysIgnored, ...own]);
  const folders = [start];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const item of readdirSync(folder, { withFileTypes: true })) {
      const file = join(folder, item.name);
      if (ignored(slashes(relative(start, file)), item.isDirectory())) continue;
      if (item.isDirectory()) folders.push(file);
      else yield* sourceFile(root, file, item);
    }
  }
}

function* sourceFile(root: string, file: string, item: Dirent): Generator<SourceFile> {
  if (item.isSymbolicLink()) yield symlink(root, file);
  else if (item.isFile()) yield regularFile(root, file);
}

const slashes = (path: string) => path.split(sep).join("/");

function regularFile(root: string, file: string): SourceFile {
  const content = readFileSync(file);
  return {
    path: slashes(relative(root, file)),
    mode: lstatSync(file).mode & 0o100 ? 0o755 : 0o644,
    sha256: sha256(content),
    size: content.length,
  };
}

function symlink(root: string, file: string): SourceFile {
  const link = readlinkSync(file);
  const path = slashes(relative(root, file));
  if (isAbsolute(link) || !inside(relative(root, resolve(dirname(file), link)))) {
    throw failure("LF1012", {
      what: `the symlink ${path} leaves the declaration's folder`,
      why: `it points to ${link}, which the image would not contain`,
      fix: "replace it by the file itself, or by a relative link inside the declaration's folder",
      where: { file: path },
    });
  }
  return { path, mode: 0o777, sha256: sha256(link), size: 0, link };
}
