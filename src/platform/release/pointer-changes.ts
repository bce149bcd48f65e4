import { generatorPath, listPath, withGeneratorPointers, withPointers } from "../../emit/flux/index.ts";
import { entriesAt, readPaths, type TreeEntry } from "../../emit/git/read.ts";
import type { Pointer } from "../../release/index.ts";
import { failure } from "../../util/errors.ts";

/** What a commit writes and removes. */
export interface TreeChanges {
  write: Map<string, string | TreeEntry>;
  remove: string[];
}

/**
 * The files that make clusters read other contents. Throws LF4035 when one of them is neither in `head` nor among those
 * that the same commit brings.
 */
export async function pointerChanges(
  repo: string,
  head: string,
  pointers: readonly Pointer[],
  brought: ReadonlySet<string> = new Set(),
): Promise<TreeChanges> {
  const wanted = new Set(pointers.map(({ path }) => path).filter((path) => !brought.has(path)));
  const there = await entriesAt(repo, head, wanted);
  const gone = [...wanted].filter((path) => !there.has(path));
  if (gone.length > 0) throw contentsGone(gone);
  const byCluster = Map.groupBy(pointers, ({ cluster }) => cluster);
  const names = [...byCluster.keys()];
  const texts = await readPaths(repo, head, [...names.map(listPath), ...names.map(generatorPath)]);
  const write = new Map<string, string>();
  for (const [cluster, own] of byCluster) {
    const paths = new Map(own.map(({ bundle, path }) => [bundle, path]));
    const list = texts.get(listPath(cluster));
    if (list === undefined) throw contentsGone([listPath(cluster)]);
    write.set(listPath(cluster), withPointers(list, paths));
    const generators = texts.get(generatorPath(cluster));
    if (generators !== undefined) write.set(generatorPath(cluster), withGeneratorPointers(generators, paths));
  }
  return { write, remove: [] };
}

export function contentsGone(paths: string[]) {
  return failure("LF4035", {
    what: `the fleet repo has no ${paths.slice(0, 3).join(", ")}`,
    why: "clusters would be told to read what is not there, so nothing was changed",
    fix: "find who removed it with git log in the fleet repo and revert that, or start a new release",
  });
}
