/**
 * Wanted names as external-dns' DNSEndpoint objects, and back. The objects are also the only memory: a cluster whose API
 * does not answer keeps the routes and addresses that it was last seen with.
 */
import type { KubernetesObject } from "../schema/object.ts";
import type { DnsCluster, DnsRoute, RecordSet } from "./types.ts";
import type { WantedName } from "./wanted.ts";

export const dnsEndpoint = { apiVersion: "externaldns.k8s.io/v1alpha1", kind: "DNSEndpoint" };

/** Which of the two external-dns takes an object: the one for names, or the one for Lua records. */
export const recordsLabel = "landfall.dev/records";

/** Marks the objects that are ours to change and to remove. */
export const ownerLabel = "landfall.dev/dns";
const seenAnnotation = "landfall.dev/seen";

/** What a cluster was last seen with. */
export interface Seen {
  routes: DnsRoute[];
  addresses: string[];
}

/** One DNSEndpoint for each name, and one more for its Lua record where it has one. */
export function endpointsOf(
  names: WantedName[],
  clusters: DnsCluster[],
  at: { namespace: string; company: string },
): KubernetesObject[] {
  return names.flatMap((name) => {
    const plain = name.records.filter(({ type }) => type !== "LUA");
    const lua = name.records.filter(({ type }) => type === "LUA");
    const seen = { [seenAnnotation]: JSON.stringify(seenOf(name, clusters)) };
    return [
      ...(plain.length > 0 ? [endpoint(name.host, "names", plain, at, seen)] : []),
      ...(lua.length > 0 ? [endpoint(name.host, "weights", lua, at)] : []),
    ];
  });
}

function endpoint(
  host: string,
  records: "names" | "weights",
  sets: RecordSet[],
  { namespace, company }: { namespace: string; company: string },
  annotations?: Record<string, string>,
): KubernetesObject {
  // No name of a zone ends like this, so that none meets another.
  const base = host.startsWith("*.") ? `${host.slice(2)}.wildcard` : host;
  return {
    ...dnsEndpoint,
    metadata: {
      name: records === "names" ? base : `${base}.weights`,
      namespace,
      labels: { "app.kubernetes.io/managed-by": "landfall", [ownerLabel]: company, [recordsLabel]: records },
      ...(annotations && { annotations }),
    },
    spec: {
      endpoints: sets.map(({ name: dnsName, type, ttl, targets }) => ({
        dnsName,
        recordType: type,
        recordTTL: ttl,
        targets,
      })),
    },
  };
}

function seenOf({ routes }: WantedName, clusters: DnsCluster[]): object {
  const on = new Set(routes.map(({ cluster }) => cluster));
  return {
    routes,
    addresses: Object.fromEntries(
      clusters.filter(({ name }) => on.has(name)).map(({ name, addresses }) => [name, addresses]),
    ),
  };
}

/** What each cluster was last seen with, by the objects that say it. Notes that cannot be read are as none. */
export function lastSeen(objects: KubernetesObject[]): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  const of = (cluster: string) => {
    const known = seen.get(cluster) ?? { routes: [], addresses: [] };
    seen.set(cluster, known);
    return known;
  };
  for (const { metadata } of objects) {
    const { routes, addresses } = readNote(metadata.annotations?.[seenAnnotation]);
    for (const route of routes) of(route.cluster).routes.push(route);
    for (const [cluster, list] of Object.entries(addresses)) of(cluster).addresses = list;
  }
  return seen;
}

interface Note {
  routes: DnsRoute[];
  addresses: Record<string, string[]>;
}

function readNote(text: string | undefined): Note {
  try {
    const { routes, addresses } = JSON.parse(text ?? "") as Partial<Note>;
    return { routes: routes ?? [], addresses: addresses ?? {} };
  } catch {
    return { routes: [], addresses: {} };
  }
}
