import { type FleetTree, rootBundle } from "../../changes/fleet-tree.ts";
import { isOver, lastGood, type Release } from "../../release/index.ts";
import { type Pair, settledName } from "./moves.ts";
import { revisionsAt } from "./pointer-revisions.ts";

export interface Compared {
  repo: string;
  head: string;
  before: FleetTree;
  after: FleetTree;
  releases: readonly Release[];
}

/** The bundles a release of these apps is about; of no apps, all that no other release moves. */
export function releasedBundles({ before, after, releases }: Compared, apps: readonly string[]): Set<string> {
  if (apps.length > 0) return new Set(apps.map((app) => `app-${app}`));
  const moving = new Set(
    releases.filter((release) => !isOver(release)).flatMap(({ moves }) => moves.map(({ bundle }) => bundle)),
  );
  const all = [...before.clusters.values(), ...after.clusters.values()].flatMap((own) => [...own.keys()]);
  return new Set(all.filter((bundle) => bundle !== rootBundle && !moving.has(bundle)));
}

/** These bundles on every cluster that has them and shall have them, from the last good content to the declared one. */
export async function pairsBetween(compared: Compared, bundles: ReadonlySet<string>): Promise<Pair[]> {
  const { repo, head, before, after, releases } = compared;
  const found = [...after.clusters].flatMap(([cluster, own]) =>
    [...own].flatMap(([bundle, to]) => {
      const pointer = bundles.has(bundle) ? before.clusters.get(cluster)?.get(bundle) : undefined;
      return pointer === undefined ? [] : [{ cluster, bundle, pointer, to }];
    }),
  );
  const unsettled = releases.filter(({ settled }) => !settled);
  const open = new Set(unsettled.flatMap(({ moves }) => moves.map(({ bundle }) => bundle)));
  const revisions = await revisionsAt(
    repo,
    head,
    found.filter(({ bundle }) => open.has(bundle)).map(({ pointer }) => pointer),
  );
  return found.map(({ cluster, bundle, pointer, to }) => {
    const revision = revisions.get(pointer);
    const good = revision === undefined ? undefined : lastGood(releases, cluster, bundle, revision);
    const path = good?.path ?? pointer;
    return { cluster, bundle, from: { path, settled: settledName(path) }, to: { path: to, settled: to } };
  });
}
