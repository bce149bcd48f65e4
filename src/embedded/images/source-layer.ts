import { join, posix } from "node:path";
import type { BuildContext } from "./context.ts";
import { type Entry, ensureLayer } from "./layer.ts";
import { copySource } from "./source-copy.ts";
import { appFolder, type Source } from "./source-recipe.ts";
import type { Layer } from "./store.ts";
import { treeEntries } from "./tree.ts";

/** The source itself as a layer below /app, read-only to the process. */
export function sourceLayer(source: Source, context: BuildContext): Promise<Layer> {
  return ensureLayer(`source ${source.hash}`, context, async (work): Promise<Entry[]> => {
    const tree = join(work, "tree");
    copySource(source.root, source.files, tree);
    return treeEntries(tree, posix.relative("/", appFolder));
  });
}
