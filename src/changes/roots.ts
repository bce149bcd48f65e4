import { fieldChanges } from "./fields.ts";
import { type FleetTree, rootBundle } from "./fleet-tree.ts";
import { type FleetFile, parsedFiles } from "./manifests.ts";
import { objectChanges } from "./objects.ts";
import type { FieldChange, ObjectChange, Objects } from "./types.ts";

/** Annotations of a Kustomization on its way to another owner; see `hand-over.ts`. */
export const phaseKey = "landfall.dev/hand-over";
export const takerKey = "landfall.dev/hand-over-to";

/** What differs in the Kustomizations and namespaces of some clusters. */
export interface RootChange {
  delivery: Map<string, FieldChange[]>;
  kept: Set<string>;
  /** Bundles that have handed their objects over: what they hold counts no more. */
  handedOver: Set<string>;
  objects: ObjectChange[];
}

/** Tells quickly of a cluster that its root is the same, which it mostly is. */
function rootsDiffer(head: FleetTree, next: FleetTree): (cluster: string) => boolean {
  const before = new Map(head.filesAt("delivery"));
  const after = next.filesAt("delivery");
  const shared = new Set(after.filter(([path, digest]) => before.get(path) !== digest).map(([path]) => path));
  const own = (tree: FleetTree, cluster: string) =>
    ["root", "artifacts.json"].map((name) => tree.contentOf(`clusters/${cluster}/${name}`)).join();
  return (cluster) =>
    own(head, cluster) !== own(next, cluster) || next.sharedBy(cluster).some((path) => shared.has(path));
}

/** The roots that differ, by cluster; equal differences are computed once. */
export async function rootChanges(head: FleetTree, next: FleetTree, all: string[]) {
  const clusters = all.filter(rootsDiffer(head, next));
  const before = rootFiles(head, clusters);
  const after = rootFiles(next, clusters);
  const pairs = clusters.map((cluster) => {
    const [old = [], now = []] = [before.get(cluster), after.get(cluster)];
    const [inOld, inNow] = [new Set(old.map(([, d]) => d)), new Set(now.map(([, d]) => d))];
    return {
      cluster,
      gone: old.filter(([, digest]) => !inNow.has(digest)),
      made: now.filter(([, digest]) => !inOld.has(digest)),
    };
  });
  const [olds, news] = [
    await parsedFiles(
      head,
      pairs.flatMap(({ gone }) => gone),
    ),
    await parsedFiles(
      next,
      pairs.flatMap(({ made }) => made),
    ),
  ];
  const known = new Map<string, RootChange>();
  return new Map(
    pairs
      .filter(({ gone, made }) => gone.length + made.length > 0)
      .map(({ cluster, gone, made }) => {
        const key = JSON.stringify([gone.map(([, d]) => d), made.map(([, d]) => d)]);
        const change = known.get(key) ?? rootChange(gone.flatMap(olds), made.flatMap(news));
        known.set(key, change);
        return [cluster, change] as const;
      }),
  );
}

function rootChange(before: Objects, after: Objects): RootChange {
  const isKustomization = ({ kind }: Objects[number]) => kind === "Kustomization";
  const old = new Map(before.filter(isKustomization).map((object) => [object.metadata.name, object]));
  const delivery = new Map<string, FieldChange[]>();
  for (const object of after.filter(isKustomization)) {
    const changes = fieldChanges(old.get(object.metadata.name)?.spec, object.spec, "spec");
    if (old.has(object.metadata.name) && changes.length > 0) delivery.set(object.metadata.name, changes);
  }
  const keeps = ({ spec }: Objects[number]) => {
    const { prune, deletionPolicy, suspend } = spec as Record<string, unknown>;
    return deletionPolicy === "Orphan" || suspend === true || (!prune && !deletionPolicy);
  };
  const isOther = ({ kind }: Objects[number]) =>
    !["Kustomization", "ArtifactGenerator", "ExternalArtifact"].includes(kind);
  return {
    delivery,
    kept: new Set([...old].filter(([, object]) => keeps(object)).map(([name]) => name)),
    handedOver: new Set(
      [...old]
        .filter(([, { metadata }]) => metadata.annotations?.[phaseKey] === "orphan")
        .map(([name]) => name),
    ),
    objects: objectChanges(before.filter(isOther), after.filter(isOther)),
  };
}

/** The objects in the roots of clusters: Kustomizations, namespaces, sources. */
export async function rootObjects(tree: FleetTree, clusters: string[]): Promise<Map<string, Objects>> {
  const files = rootFiles(tree, clusters);
  const objects = await parsedFiles(tree, [...files.values()].flat());
  return new Map([...files].map(([cluster, own]) => [cluster, own.flatMap(objects)]));
}

/** The files of each cluster's root, with the Kustomizations it shares with others. */
function rootFiles(tree: FleetTree, clusters: string[]): Map<string, readonly FleetFile[]> {
  const roots = clusters.flatMap((cluster) => {
    const path = tree.clusters.get(cluster)?.get(rootBundle);
    return path ? [{ cluster, path }] : [];
  });
  return new Map(
    roots.map(({ cluster, path }) => {
      // kustomize's own file lists the others and is no object of the cluster.
      const own = tree.filesAt(path).filter(([file]) => /(?<!\/kustomization)\.ya?ml$/.test(file));
      return [cluster, [...own, ...tree.sharedBy(cluster).flatMap((file) => tree.filesAt(file))]];
    }),
  );
}
