/** What DNS answers follow from. Nothing here asks anybody: `src/platform/dns` observes, this folder decides. */

/** One app answers one path of a host name on one cluster: what a gateway accepted. */
export interface DnsRoute {
  host: string;
  path: string;
  /** `namespace/name`. */
  app: string;
  cluster: string;
  /** Where the gateways that took it are reached: IP addresses or host names. */
  addresses: string[];
  /** When the route was made, RFC 3339 in UTC: of two apps that claim one name, the earlier has it. */
  since: string;
}

/** A cluster as answers see it. */
export interface DnsCluster {
  name: string;
  /** Its share of a name beside other clusters'; 0 is a standby that answers when nobody else can. */
  weight: number;
  healthy: boolean;
}

/** How records are written. */
export interface DnsRules {
  /** The zones that are ours; names outside of them are somebody else's affair. */
  zones: string[];
  /** Seconds. */
  ttl: number;
  /** A zone for PowerDNS' Lua records, which share a name by weight; without it the heaviest clusters answer alone. */
  weightsZone: string | undefined;
}

/** All records of one name and type. */
export interface RecordSet {
  name: string;
  type: "A" | "AAAA" | "CNAME" | "LUA";
  /** Seconds. */
  ttl: number;
  targets: string[];
}
