/**
 * Bundles that differ, each with all clusters where it differs in the same way. Digests are compared; nothing but the
 * Kustomizations that differ is read here.
 */

import { type FleetTree, rootBundle } from "./fleet-tree.ts";
import { type RootChange, rootChanges } from "./roots.ts";
import type { FieldChange, ObjectChange } from "./types.ts";

export interface Group {
  bundle: string;
  /** Path before and after; absent where the bundle is not there. */
  before?: string;
  after?: string;
  clusters: string[];
  /** Changes of its Kustomization. */
  delivery: FieldChange[];
  /** Its Kustomization removes nothing when it goes. */
  kept: boolean;
}

export interface Grouped {
  groups: Group[];
  /** Namespaces and other objects of the roots, by cluster. */
  roots: { clusters: string[]; objects: ObjectChange[] }[];
}

/** Group what differs between two trees. */
export async function groupChanges(head: FleetTree, next: FleetTree): Promise<Grouped> {
  const names = [...new Set([...head.clusters.keys(), ...next.clusters.keys()])].sort();
  const roots = await rootChanges(head, next, names);
  const groups = new Map<string, Group>();
  for (const cluster of names) {
    for (const found of clusterChanges(head, next, cluster, roots.get(cluster))) {
      const key = JSON.stringify(found);
      const known = groups.get(key);
      if (known) known.clusters.push(cluster);
      else groups.set(key, { ...found, clusters: [cluster] });
    }
  }
  const byChange = Map.groupBy(roots, ([, { objects }]) => objects);
  return {
    groups: [...groups.values()],
    roots: [...byChange].map(([objects, entries]) => ({ clusters: entries.map(([name]) => name), objects })),
  };
}

const nothing: ReadonlyMap<string, string> = new Map();

/** The bundles of one cluster that differ. */
function clusterChanges(
  head: FleetTree,
  next: FleetTree,
  cluster: string,
  root: RootChange | undefined,
): Omit<Group, "clusters">[] {
  const before = head.clusters.get(cluster) ?? nothing;
  const after = next.clusters.get(cluster) ?? nothing;
  const differs = (from: string | undefined, to: string | undefined) =>
    from && to ? head.contentOf(from) !== next.contentOf(to) : from !== to;
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((bundle) => {
    if (bundle === rootBundle) return [];
    const from = root?.handedOver.has(bundle) ? undefined : before.get(bundle);
    const to = after.get(bundle);
    const delivery = (from && to && root?.delivery.get(bundle)) || [];
    if (delivery.length === 0 && !differs(from, to)) return [];
    const kept = root?.kept.has(bundle) ?? false;
    return [{ bundle, ...(from && { before: from }), ...(to && { after: to }), delivery, kept }];
  });
}
