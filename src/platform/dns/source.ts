/** Where a process learns what to keep in DNS, and by which way it reaches the clusters. */
import { compile } from "../../compile/index.ts";
import { type DeclaredDns, dnsPath, parseDns } from "../../dns/declared.ts";
import { declaredDns } from "../../emit/flux/index.ts";
import { fetchFleet } from "../../emit/git/fleet.ts";
import { readPaths } from "../../emit/git/read.ts";
import { registry } from "../../parts/index.ts";
import { failure } from "../../util/errors.ts";
import { declaredClusters } from "../release/engine-clusters.ts";
import { type Clusters, reachClusters } from "../release/observe.ts";
import { openReleaseFleet, type ReleaseFleet } from "../release/store.ts";

export interface DnsSource {
  company: string;
  /** What the fleet repo says now; undefined where it says nothing. Throws LF3002 while Git is away. */
  read(): Promise<DeclaredDns | undefined>;
  /** What counts until the fleet repo says something. */
  otherwise: DeclaredDns | undefined;
  /** Connections of their own to these clusters. `close` them. */
  reach(names: readonly string[]): Clusters;
}

/** What a fleet repo says of DNS at its branch's head. Throws LF3002. */
export async function dnsInFleet(fleet: ReleaseFleet): Promise<DeclaredDns | undefined> {
  const head = await fetchFleet(fleet, fleet.branch);
  const text = head && (await readPaths(fleet.repo, head, [dnsPath])).get(dnsPath);
  return text === undefined || text === "" ? undefined : parseDns(text);
}

/**
 * By the declaration at `path`: its fleet repo counts, and the declaration itself while that says nothing or Git is
 * away, since names must not wait for Git. Errors: those of compiling, LF2001 and LF1016 where nobody writes for all.
 */
export async function openDnsSource(path: string): Promise<DnsSource & { otherwise: DeclaredDns }> {
  const plan = await compile(path, { registry });
  const otherwise = declaredDns(plan);
  if (!otherwise) throw plan.clusters.some(({ dnsZone }) => dnsZone) ? withoutHub() : withoutZone();
  const known = declaredClusters(plan);
  let fleet: ReleaseFleet | undefined;
  return {
    company: plan.company,
    read: async () => {
      fleet ??= await openReleaseFleet(plan);
      return dnsInFleet(fleet);
    },
    otherwise,
    reach: (names) => reachClusters(known.filter(({ name }) => names.includes(name))),
  };
}

function withoutZone() {
  return failure("LF2001", {
    what: "nothing writes records into DNS",
    fix: "add a part that provides the token dnsZone; docs/parts.md lists them",
  });
}

function withoutHub() {
  return failure("LF1016", {
    what: "each cluster writes its own records, so there is nothing to share out",
    fix: "name the cluster that writes those of all: add hub to the part that writes them",
  });
}
