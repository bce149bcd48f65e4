import { liveUnit, orphanUnit, type SeenObject } from "../changes/live.ts";
import { objectsIn } from "../changes/manifests.ts";
import { identity } from "../changes/objects.ts";
import type { UnitChange } from "../changes/types.ts";
import type { ClusterClient } from "../cluster/client.ts";
import { refusedWith } from "../cluster/errors.ts";
import type { LiveObject } from "../cluster/types.ts";
import type { Bundle, ClusterPlan } from "../compile/plan.ts";
import { forEachOf } from "../embedded/delivery/parallel.ts";
import { rootName } from "../emit/flux/index.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { LandfallError } from "../util/errors.ts";

const kustomization = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };
const ownerLabel = "kustomize.toolkit.fluxcd.io/name";
/** Requests at a time: enough to keep an API server busy, and fair to others who use it. */
const width = 8;

/**
 * What applying a cluster's bundles would change on it, and what it has that nothing declares. Where pods are
 * simulated, no API is served by them: `simulated-root.ts`.
 */
export async function liveChanges(
  client: ClusterClient,
  cluster: ClusterPlan,
  simulated = false,
): Promise<UnitChange[]> {
  const { deliveryNamespace: namespace, name } = cluster;
  const bundles = new Map([
    [rootName, cluster.namespaces],
    ...cluster.bundles.map((bundle) => [bundle.name, objectsOf(bundle, simulated)] as const),
  ]);
  const declared = new Set([...bundles.values()].flat().map(identity));
  const inventories = await inventoriesOf(client, namespace);
  const units: (UnitChange | undefined)[] = [];
  for (const bundle of new Set([...bundles.keys(), ...inventories.keys()])) {
    const objects = (bundles.get(bundle) ?? []).map((object) => withOwner(object, bundle, namespace));
    const gone = (inventories.get(bundle) ?? []).filter((object) => !declared.has(identity(object)));
    units.push(
      liveUnit({
        bundle,
        cluster: name,
        declared: bundles.has(bundle),
        objects: await look(client, objects),
        gone: await existing(client, gone),
      }),
    );
  }
  const known = new Set([...declared, ...[...inventories.values()].flat().map(identity)]);
  const kinds = [...bundles.values(), ...inventories.values()].flat();
  units.push(orphanUnit(name, await orphans(client, kinds, known)));
  return units.filter((unit) => unit !== undefined);
}

/** A bundle's objects; of encrypted ones only the name counts. */
function objectsOf({ objects, files }: Bundle, simulated: boolean): KubernetesObject[] {
  const all = [...objects, ...Object.values(files).flatMap(objectsIn)];
  return simulated ? all.filter(({ kind }) => kind !== "APIService") : all;
}

/** As Flux applies it: with the labels that say whose it is. */
function withOwner(object: KubernetesObject, bundle: string, namespace: string): KubernetesObject {
  const { metadata } = object;
  const labels = {
    ...metadata.labels,
    [ownerLabel]: bundle,
    "kustomize.toolkit.fluxcd.io/namespace": namespace,
  };
  return { ...object, metadata: { ...metadata, labels } };
}

async function look(client: ClusterClient, objects: readonly KubernetesObject[]): Promise<SeenObject[]> {
  const seen: SeenObject[] = objects.map((desired) => ({ desired }));
  await forEachOf(seen, width, async (object) => {
    const { desired } = object;
    const live = await find(client, desired);
    if (!live) return;
    object.live = live;
    if (desired.sops !== undefined) return;
    try {
      object.applied = await client.dryRun(desired, { fieldManager: "kustomize-controller", force: true });
    } catch (error) {
      if (!(error instanceof LandfallError) || error.problems[0]?.code !== "LF6002") throw error;
      object.refused = error.problems[0].why ?? error.problems[0].what;
    }
  });
  return seen;
}

/** The object on the cluster; a kind that is not served yet has none. */
async function find(
  client: ClusterClient,
  { metadata, ...gvk }: KubernetesObject,
): Promise<LiveObject | undefined> {
  try {
    return await client.get(gvk, metadata.name, metadata.namespace);
  } catch (error) {
    if (refusedWith(error) === 404) return undefined;
    throw error;
  }
}

async function existing(
  client: ClusterClient,
  objects: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  const found: KubernetesObject[] = [];
  await forEachOf(objects, width, async (object) => {
    const live = await find(client, object);
    if (live) found.push(live);
  });
  return found;
}

/** The root brings the others: they are told bundle by bundle. */
const deliveryKinds = ["Kustomization", "ArtifactGenerator"];

/** What each Kustomization says it has applied: entries are `namespace_name_group_kind`. */
async function inventoriesOf(
  client: ClusterClient,
  namespace: string,
): Promise<Map<string, KubernetesObject[]>> {
  const all = await client.list(kustomization, { namespace }).catch((error) => {
    if (refusedWith(error) === 404) return [];
    throw error;
  });
  return new Map(
    all.map(({ metadata, status }) => {
      const { inventory } = (status ?? {}) as { inventory?: { entries?: { id: string; v: string }[] } };
      const objects = (inventory?.entries ?? []).map(entryObject);
      return [metadata.name, objects.filter(({ kind }) => !deliveryKinds.includes(kind))];
    }),
  );
}

function entryObject({ id, v }: { id: string; v: string }): KubernetesObject {
  const [, namespace = "", name = "", group = "", kind = ""] =
    /^([^_]*)_(.*)_([^_]*)_([^_]*)$/.exec(id) ?? [];
  // A colon, as in the names of roles, stands as two underscores.
  const metadata = { name: name.replaceAll("__", ":"), ...(namespace && { namespace }) };
  return { apiVersion: group ? `${group}/${v}` : v, kind, metadata };
}

/** Objects with landfall's or Flux' labels that nothing knows; what another object owns goes and comes with it. */
async function orphans(
  client: ClusterClient,
  kinds: readonly KubernetesObject[],
  known: ReadonlySet<string>,
) {
  const distinct = [
    ...new Map(kinds.map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, { apiVersion, kind }])).values(),
  ];
  const found = new Map<string, KubernetesObject>();
  await forEachOf(distinct, width, async (gvk) => {
    for (const labelSelector of ["app.kubernetes.io/managed-by=landfall", ownerLabel]) {
      const listed = await client.list(gvk, { labelSelector }).catch((error) => {
        if (refusedWith(error) === 404) return [];
        throw error;
      });
      for (const object of listed)
        if (!known.has(identity(object)) && isLeft(object)) found.set(identity(object), object);
    }
  });
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

/** What another object owns goes with it, and what `up` and the publisher put there themselves is theirs. */
function isLeft({ metadata }: LiveObject): boolean {
  const managers = (metadata.managedFields ?? []) as { manager: string }[];
  return !metadata.ownerReferences && !managers.some(({ manager }) => manager === "landfall");
}
