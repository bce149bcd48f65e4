import { createHash } from "node:crypto";
import type { Tree } from "./types.ts";

/** The id Git gives to a file's content. */
export function blobDigest(text: string): string {
  const data = Buffer.from(text);
  return createHash("sha1").update(`blob ${data.length}\0`).update(data).digest("hex");
}

/** A tree of texts in memory. */
export function textTree(files: ReadonlyMap<string, string>): Tree {
  return {
    *paths() {
      for (const [path, text] of files) yield [path, blobDigest(text)] as const;
    },
    read: async (paths) => new Map(paths.map((path) => [path, files.get(path) ?? ""])),
  };
}

/** What one digest for all files of a tree: path and content, in the order of the paths. */
export function treeDigest(tree: Tree): string {
  const hash = createHash("sha256");
  for (const [path, digest] of [...tree.paths()].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${path}\0${digest}\n`);
  return hash.digest("hex");
}

export const emptyTree: Tree = textTree(new Map());
