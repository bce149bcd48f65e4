/**
 * A name that becomes another kind of record (an address, then a CNAME, or back) goes through having none: PowerDNS refuses
 * the one while the other is there, and with it every other change of the zone.
 */
import type { KubernetesObject } from "../schema/object.ts";

interface Live extends KubernetesObject {
  metadata: KubernetesObject["metadata"] & { generation?: number };
}

interface Endpoints {
  endpoints: { dnsName: string; recordType: string }[];
}

const endpointsIn = ({ spec }: KubernetesObject) => (spec as Endpoints).endpoints;
const isAlias = (object: KubernetesObject) =>
  endpointsIn(object).some(({ recordType }) => recordType === "CNAME");

/** The name that must be gone from DNS before a DNSEndpoint that has no records now may have them again. */
export function awaited(live: Live | undefined, wanted: KubernetesObject): string | undefined {
  return live && endpointsIn(live).length === 0 ? endpointsIn(wanted)[0]?.dnsName : undefined;
}

/**
 * What a DNSEndpoint shall be now on its way to what is wanted: itself, or without records. `isGone` says whether the
 * awaited name has left DNS; undefined where the server cannot be asked, and then external-dns' own word counts.
 */
export function nextStep(
  live: Live | undefined,
  wanted: KubernetesObject,
  isGone: boolean | undefined,
): KubernetesObject {
  const without = { ...wanted, spec: { endpoints: [] } };
  if (!live) return wanted;
  if (endpointsIn(live).length > 0) return isAlias(live) === isAlias(wanted) ? wanted : without;
  const { observedGeneration } = (live.status ?? {}) as { observedGeneration?: number };
  const isRead = observedGeneration === live.metadata.generation;
  return isRead && isGone !== false ? wanted : without;
}
