import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { besidePath } from "../util/files.ts";

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
