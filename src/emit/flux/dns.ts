import type { ClusterPlan, Plan } from "../../compile/plan.ts";
import type { DeclaredCluster, DeclaredDns } from "../../dns/declared.ts";

/** What whoever keeps DNS must know; undefined where no cluster writes for others. */
export function declaredDns({ clusters }: Plan): DeclaredDns | undefined {
  const zoned = clusters.filter(({ dnsZone }) => dnsZone !== undefined);
  const hub = zoned[0]?.dnsZone?.hub;
  const zone = zoned.find(({ name }) => name === hub)?.dnsZone;
  if (hub === undefined || zone === undefined) return undefined;
  const { namespace, zones, ttl, weightsZone, owner, server } = zone;
  return {
    ...{ hub, namespace, zones, ttl },
    ...(weightsZone !== undefined && { weightsZone }),
    ...{ owner, server, clusters: zoned.map(memberOf) },
  };
}

function memberOf({ name, spec }: ClusterPlan): DeclaredCluster {
  const { weight, addresses, probe } = spec.dns;
  const httpPort = spec.type === "local" ? spec.ports.http : 80;
  return { name, weight, addresses, ...(probe !== undefined && { probe }), httpPort };
}
