import type { Problem } from "../util/errors.ts";
import { type Candidate, type Share, sharesOf } from "./answers.ts";
import { settleClaims } from "./claims.ts";
import { recordsOf, zoneOf } from "./records.ts";
import type { DnsCluster, DnsRoute, DnsRules, RecordSet } from "./types.ts";

/** What DNS shall say of one name. */
export interface WantedName {
  host: string;
  records: RecordSet[];
  /** Who answers, with its weight. Without a server that knows weights the heaviest alone are in the records. */
  shares: Share[];
  /** Clusters that have the app and do not answer now. */
  failed: string[];
  /** Every route that claims the name, also those that lost it. */
  routes: DnsRoute[];
}

export interface Wanted {
  names: WantedName[];
  problems: Problem[];
}

/**
 * The wanted records of every name in our zones, in the order of their names. Pure: the same facts give the same
 * records. What is not in the result has no record any more.
 */
export function wantedNames(routes: DnsRoute[], clusters: DnsCluster[], rules: DnsRules): Wanted {
  const ours = routes.filter(({ host }) => zoneOf(host, rules.zones) !== undefined);
  const { kept, problems } = settleClaims(ours);
  const all = Map.groupBy(ours, ({ host }) => host);
  const names = [...kept].map(([host, answering]): WantedName => {
    const having = candidatesOf(answering, clusters);
    const shares = sharesOf(having);
    return {
      host,
      records: recordsOf(host, shares, rules),
      shares,
      failed: having.filter(({ healthy }) => !healthy).map(({ name }) => name),
      routes: all.get(host) ?? [],
    };
  });
  return { names, problems };
}

function candidatesOf(routes: DnsRoute[], clusters: DnsCluster[]): Candidate[] {
  const byCluster = Map.groupBy(routes, ({ cluster }) => cluster);
  return clusters.flatMap((cluster) => {
    const own = byCluster.get(cluster.name);
    return own ? [{ ...cluster, addresses: [...new Set(own.flatMap(({ addresses }) => addresses))] }] : [];
  });
}
