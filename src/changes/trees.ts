import { createHash } from "node:crypto";
import { blobId } from "../util/hash.ts";
import type { Tree } from "./types.ts";

/** A tree of texts in memory. */
export function textTree(files: ReadonlyMap<string, string>): Tree {
  return {
    *paths() {
      for (const [path, text] of files) yield [path, blobId(text)] as const;
    },
    read: async (paths) => new Map(paths.map((path) => [path, files.get(path) ?? ""])),
  };
}

/** One digest for all files of a tree: path and content, in the order of the paths. */
export function treeDigest(tree: Tree): string {
  const hash = createHash("sha256");
  for (const [path, digest] of [...tree.paths()].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${path}\0${digest}\n`);
  return hash.digest("hex");
}

export const emptyTree: Tree = textTree(new Map());
