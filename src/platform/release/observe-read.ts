import type { ClusterClient } from "../../cluster/client.ts";
import { refusedWith } from "../../cluster/errors.ts";
import type { Gvk, LiveObject } from "../../cluster/types.ts";

export interface ObjectRef {
  namespace: string;
  name: string;
}

/** So many objects of a namespace are read one by one; of more, all are listed at once. */
const single = 4;

/**
 * Objects of one kind by `namespace/name`; those that are not there are left out. A kind that the cluster does not
 * serve has no objects.
 */
export async function readObjects(
  client: ClusterClient,
  gvk: Gvk,
  refs: readonly ObjectRef[],
): Promise<Map<string, LiveObject>> {
  const byNamespace = Object.groupBy(refs, ({ namespace }) => namespace);
  const read = Object.entries(byNamespace).map(async ([namespace, some = []]) => {
    const names = new Set(some.map(({ name }) => name));
    if (names.size > single) {
      return (await client.list(gvk, { namespace })).filter(({ metadata }) => names.has(metadata.name));
    }
    return Promise.all([...names].map((name) => client.get(gvk, name, namespace)));
  });
  const found = (await orUnserved(Promise.all(read))).flat().filter((object) => object !== undefined);
  return new Map(found.map((object) => [keyOf(object.metadata), object]));
}

/** All objects of a kind in a namespace; none of a kind that the cluster does not serve. */
export function listIfServed(client: ClusterClient, gvk: Gvk, namespace: string): Promise<LiveObject[]> {
  return orUnserved(client.list(gvk, { namespace }));
}

export function keyOf({ namespace = "", name }: { namespace?: string; name: string }): string {
  return `${namespace}/${name}`;
}

async function orUnserved<T>(work: Promise<T[]>): Promise<T[]> {
  try {
    return await work;
  } catch (error) {
    if (refusedWith(error) === 404) return [];
    throw error;
  }
}

/** Events about one object, in the order the server has them. */
export function eventsOf(
  client: ClusterClient,
  kind: string,
  { namespace, name }: ObjectRef,
): Promise<LiveObject[]> {
  const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name}`;
  return client.list({ apiVersion: "v1", kind: "Event" }, { namespace, fieldSelector });
}

/** The pods that a workload's selector matches. */
export function podsOf(client: ClusterClient, workload: LiveObject): Promise<LiveObject[]> {
  const { selector } = workload.spec as { selector?: { matchLabels?: Record<string, string> } };
  const labelSelector = Object.entries(selector?.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  if (labelSelector === "") return Promise.resolve([]);
  const namespace = workload.metadata.namespace ?? "";
  return client.list({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector });
}
