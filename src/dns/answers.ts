import type { DnsCluster } from "./types.ts";

/** A cluster that has a name's app, and where that is reached there. */
export type Candidate = DnsCluster & { addresses: string[] };

/** One cluster's part in an answer. */
export interface Share {
  cluster: string;
  addresses: string[];
  /** At least 1. */
  weight: number;
}

/**
 * Who answers a name, of the clusters that have its app: the healthy ones, by weight. A standby (weight 0) answers when
 * nobody else is left. Where none is healthy all stay: an answer that may be wrong is better than none, and a hub that
 * has lost its own network must not take the company off the air.
 */
export function sharesOf(clusters: Candidate[]): Share[] {
  const reachable = clusters.filter(({ addresses }) => addresses.length > 0);
  const healthy = reachable.filter((cluster) => cluster.healthy);
  const left = healthy.length > 0 ? healthy : reachable;
  const active = left.filter(({ weight }) => weight > 0);
  const answering = active.length > 0 ? active : left;
  return answering.map(({ name, addresses, weight }) => ({
    cluster: name,
    addresses,
    weight: Math.max(weight, 1),
  }));
}
