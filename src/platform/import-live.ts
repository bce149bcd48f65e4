import type { ClusterClient } from "../cluster/client.ts";
import type { Gvk } from "../cluster/types.ts";
import { isMadeByPeople, liveForms } from "../import/live-form.ts";
import type { Source } from "../import/source.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { failure } from "../util/errors.ts";

interface ServedKind extends Gvk {
  namespaced: boolean;
}

/**
 * What people made on a running cluster, in these namespaces or in all but Kubernetes' own. Cluster-wide objects are
 * read only when no namespace is named. Errors: LF6001, LF6002; LF1023 when there is nothing.
 */
export async function readCluster(
  client: ClusterClient,
  namespaces: string[],
  from: string,
): Promise<Source[]> {
  const kinds = await servedKinds(client);
  const objects: KubernetesObject[] = [];
  for (const kind of kinds) {
    if (!kind.namespaced && namespaces.length > 0) continue;
    const places = kind.namespaced && namespaces.length > 0 ? namespaces : [undefined];
    for (const namespace of places) {
      const listed = await client.list(kind, namespace === undefined ? {} : { namespace });
      objects.push(...listed.filter(isMadeByPeople));
    }
  }
  if (objects.length === 0) {
    throw failure("LF1023", {
      what: `nothing to import on ${from}`,
      why:
        namespaces.length > 0
          ? `namespaces ${namespaces.join(", ")} hold nothing that people made`
          : "it holds only what clusters make",
      fix: "name another namespace or context",
    });
  }
  return liveForms(objects, from);
}

/** Every kind the server can list, each in the version it prefers; kinds that two groups serve once. */
async function servedKinds(client: ClusterClient): Promise<ServedKind[]> {
  const { groups } = JSON.parse((await client.raw("/apis")).text) as {
    groups: { preferredVersion: { groupVersion: string } }[];
  };
  const versions = ["v1", ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
  const lists = await Promise.all(versions.map((version) => kindsOf(client, version)));
  const kinds = lists.flat();
  // Events are served by two groups; the first is the older.
  return kinds.filter(
    ({ kind }, i) => kind !== "Event" || kinds.findIndex((other) => other.kind === kind) === i,
  );
}

async function kindsOf(client: ClusterClient, apiVersion: string): Promise<ServedKind[]> {
  const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { status, text } = await client.raw(path);
  // A group whose own server is down must not keep the rest from being read.
  if (status !== 200) return [];
  const { resources } = JSON.parse(text) as {
    resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
  };
  return resources
    .filter(({ name, verbs }) => !name.includes("/") && verbs.includes("list") && verbs.includes("create"))
    .map(({ kind, namespaced }) => ({ apiVersion, kind, namespaced }));
}
