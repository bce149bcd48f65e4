import { generatorPath, listPath, withGeneratorPointers, withPointers } from "../../emit/flux/index.ts";
import type { Pointer } from "../../release/index.ts";
import { failure } from "../../util/errors.ts";
import type { TreeChanges, TreeView } from "./tree-view.ts";

/**
 * The files that make clusters read other contents. Throws LF4035 when one of them is neither there nor among those
 * that the same commit brings.
 */
export async function pointerChanges(
  view: TreeView,
  pointers: readonly Pointer[],
  brought: ReadonlySet<string> = new Set(),
): Promise<TreeChanges> {
  const wanted = new Set(pointers.map(({ path }) => path).filter((path) => !brought.has(path)));
  const there = await view.entries(wanted);
  const gone = [...wanted].filter((path) => !there.has(path));
  if (gone.length > 0) throw contentsGone(gone);
  const byCluster = Map.groupBy(pointers, ({ cluster }) => cluster);
  const texts = await view.texts(listsOf(pointers));
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

/** The files that these pointers may stand in. */
export function listsOf(pointers: readonly Pointer[]): string[] {
  return [...new Set(pointers.map(({ cluster }) => cluster))].flatMap((cluster) => [
    listPath(cluster),
    generatorPath(cluster),
  ]);
}

export function contentsGone(paths: string[]) {
  return failure("LF4035", {
    what: `the fleet repo has no ${paths.slice(0, 3).join(", ")}`,
    why: "clusters would be told to read what is not there, so nothing was changed",
    fix: "find who removed it with git log in the fleet repo and revert that, or start a new release",
  });
}
