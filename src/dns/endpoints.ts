/**
 * Wanted names as external-dns' DNSEndpoint objects, and back. The objects are also the only memory: a cluster whose API
 * does not answer keeps the routes that it was last seen with.
 */
import type { KubernetesObject } from "../schema/object.ts";
import type { DnsRoute, RecordSet } from "./types.ts";
import type { WantedName } from "./wanted.ts";

export const dnsEndpoint = { apiVersion: "externaldns.k8s.io/v1alpha1", kind: "DNSEndpoint" };

/** Which of the two external-dns takes an object: the one for names, or the one for Lua records. */
const recordsLabel = "landfall.dev/records";

/** Marks the objects that are ours to change and to remove. */
export const ownerLabel = "landfall.dev/dns";
const seenAnnotation = "landfall.dev/seen";

/** One DNSEndpoint for each name, and one more for its Lua record where it has one. */
export function endpointsOf(
  names: WantedName[],
  at: { namespace: string; company: string },
): KubernetesObject[] {
  return names.flatMap((name) => {
    const plain = name.records.filter(({ type }) => type !== "LUA");
    const lua = name.records.filter(({ type }) => type === "LUA");
    const seen = { [seenAnnotation]: JSON.stringify(name.routes) };
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

/** The routes that each cluster was last seen with, by the objects that say it. A note that cannot be read says none. */
export function lastSeen(objects: KubernetesObject[]): Map<string, DnsRoute[]> {
  const routes = objects.flatMap(({ metadata }) => readNote(metadata.annotations?.[seenAnnotation]));
  return Map.groupBy(routes, ({ cluster }) => cluster);
}

function readNote(text: string | undefined): DnsRoute[] {
  try {
    const routes: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(routes) ? (routes as DnsRoute[]) : [];
  } catch {
    return [];
  }
}
