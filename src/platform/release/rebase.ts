import { fleetTree } from "../../changes/fleet-tree.ts";
import { lastGood, type Release } from "../../release/index.ts";
import { gitTree } from "../plan-trees.ts";
import { type Moves, movesBetween, type Pair, releaseFolder, settledName } from "./moves.ts";
import { revisionsAt } from "./pointer-revisions.ts";

/**
 * A queued release made anew from what clusters have now, or go back to. What it moves to stays, so nothing is compiled;
 * its folder is written as a whole.
 */
export async function rebased(
  repo: string,
  head: string,
  release: Release,
  releases: readonly Release[],
): Promise<{ release: Release; write: Moves["write"]; remove: string[] }> {
  const tree = await fleetTree(await gitTree(repo, head));
  const others = releases.filter(({ id }) => id !== release.id);
  const targets = release.moves.flatMap(({ bundle, clusters, to, settled }) =>
    clusters.map((cluster) => ({ cluster, bundle, to: { path: to.path, settled: settled.to } })),
  );
  const renames = (release.renamed ?? []).flatMap(({ bundle, clusters, settled }) =>
    clusters.map((cluster) => ({ cluster, bundle, settled: settled.to })),
  );
  const pathOf = (cluster: string, bundle: string) => tree.clusters.get(cluster)?.get(bundle);
  const revisions = await revisionsAt(
    repo,
    head,
    targets.flatMap(({ cluster, bundle }) => pathOf(cluster, bundle) ?? []),
  );
  const pairs = [
    ...targets.flatMap(({ cluster, bundle, to }): Pair[] => {
      const pointer = pathOf(cluster, bundle);
      if (pointer === undefined) return [];
      const good = lastGood(others, cluster, bundle, revisions.get(pointer) ?? "")?.path ?? pointer;
      return [{ cluster, bundle, from: { path: good, settled: settledName(good) }, to }];
    }),
    ...renames.flatMap(({ cluster, bundle, settled }): Pair[] => {
      const pointer = pathOf(cluster, bundle);
      if (pointer === undefined) return [];
      const from = { path: pointer, settled: settledName(pointer) };
      return [{ cluster, bundle, from, to: { path: pointer, settled } }];
    }),
  ];
  const made = await movesBetween(release.id, pairs, tree, tree, { evenSame: true });
  const { renamed: _old, ...rest } = release;
  return {
    write: made.write,
    release: { ...rest, moves: made.moves, ...(made.renamed.length > 0 && { renamed: made.renamed }) },
    remove: [releaseFolder(release.id)],
  };
}
