/**
 * A whole tree becomes one commit without a work tree. Blob ids are computed here and compared with the head's
 * tree, so git only receives what differs; the branch moves by compare-and-swap at the very end, so a killed
 * run leaves at most unreferenced objects.
 */
import { failure } from "../../util/errors.ts";
import { blobId } from "../../util/hash.ts";
import { headOf } from "./fleet.ts";
import { type Identity, importCommit } from "./import-commit.ts";
import { readTree, type TreeEntry } from "./read.ts";
import { moveRef } from "./ref.ts";

export interface CommitOptions {
  /** Folder of the bare repository. */
  repo: string;
  branch?: string;
  /** The complete tree: path with `/` → content. What is not in here is gone after the commit. */
  files: ReadonlyMap<string, Uint8Array | string>;
  /** Paths that stay as they are although `files` has them not. */
  keep?: (path: string) => boolean;
  message: string;
  /** Lines such as `Landfall-Source: 3f2a…` at the message's end. */
  trailers?: Readonly<Record<string, string>>;
  author: Identity;
  /** The head this tree was made from; the present one when left out. LF3003 when the branch is elsewhere. */
  base?: string;
}

export interface CommitResult {
  /** The branch's head after the call. */
  commit: string;
  /** The head before it; undefined for the first commit. */
  parent: string | undefined;
  /** Paths written and removed, both 0 when the tree was the same and nothing was committed. */
  written: number;
  removed: number;
}

/** Commit a whole tree onto a branch; a tree that is already there makes no commit. Errors: LF3002, LF3003. */
export async function commitTree(options: CommitOptions): Promise<CommitResult> {
  const { repo, branch = "main" } = options;
  const parent = await headOf(repo, branch);
  if (options.base !== undefined && options.base !== parent) throw moved(branch, options.base, parent);
  const present = parent === undefined ? new Map<string, TreeEntry>() : await readTree(repo, parent);
  const { write, remove } = differences(options, present);
  const count = { written: write.length, removed: remove.length };
  if (parent !== undefined && write.length + remove.length === 0) return { commit: parent, parent, ...count };
  const commit = await importCommit(repo, { ...options, parent, write, remove });
  if (!(await moveRef(repo, `refs/heads/${branch}`, commit, parent))) {
    throw moved(branch, parent, await headOf(repo, branch));
  }
  return { commit, parent, ...count };
}

function differences({ files, keep }: CommitOptions, present: Map<string, TreeEntry>) {
  const write: [string, Buffer][] = [];
  for (const path of [...files.keys()].sort()) {
    const content = files.get(path) ?? "";
    const data = bytes(content);
    const entry = present.get(path);
    if (entry?.mode !== "100644" || entry.oid !== blobId(data)) write.push([path, data]);
  }
  const remove = [...present.keys()].filter((path) => !files.has(path) && !keep?.(path));
  return { write, remove };
}

function bytes(content: Uint8Array | string): Buffer {
  if (typeof content === "string") return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

function moved(branch: string, from: string | undefined, to: string | undefined) {
  const short = (oid: string | undefined) => oid?.slice(0, 10) ?? "nothing";
  return failure("LF3003", {
    what: `${branch} of the fleet repo moved while this change was made`,
    why: `it was at ${short(from)} and is now at ${short(to)}; writing on would undo what came in between`,
    fix: "run the command again: it starts from the new head",
  });
}
