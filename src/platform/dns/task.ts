import type { ClusterClient } from "../../cluster/client.ts";
import { compile } from "../../compile/index.ts";
import type { ClusterPlan, Plan } from "../../compile/plan.ts";
import { clusterStatus } from "../../embedded/index.ts";
import { registry } from "../../parts/index.ts";
import { failure } from "../../util/errors.ts";
import { connectTo } from "../connect.ts";
import { embeddedName } from "../local-cluster.ts";
import type { DnsMember, DnsTask } from "./round.ts";

/** What a declaration says of DNS, with clients of all its clusters. `close` them. Throws where no hub is declared. */
export async function openDnsTask(path: string): Promise<DnsTask & { close: () => void }> {
  const plan = await compile(path, { registry });
  const hubName = plan.clusters.find(({ dnsZone }) => dnsZone)?.dnsZone?.hub;
  const zone = plan.clusters.find(({ name }) => name === hubName)?.dnsZone;
  if (!zone) throw plan.clusters.some(({ dnsZone }) => dnsZone) ? withoutHub() : withoutZone();
  const { namespace, zones, ttl, weightsZone, owner, server } = zone;
  const members = await Promise.all(plan.clusters.map((cluster) => memberOf(plan, cluster)));
  const close = () => {
    for (const { client } of members) client.close();
  };
  const hub = members.find(({ name }) => name === hubName)?.client as ClusterClient;
  const rules = { zones, ttl, weightsZone };
  return { company: plan.company, hub, namespace, members, rules, ask: { owner, server }, close };
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

async function memberOf(plan: Plan, cluster: ClusterPlan): Promise<DnsMember> {
  const { name, spec } = cluster;
  const local = spec.type === "local";
  const embedded = local ? await clusterStatus(embeddedName(plan.company, name)) : undefined;
  const { weight, addresses, probe } = spec.dns;
  const httpPort = local ? spec.ports.http : 80;
  return { name, weight, addresses, probe, httpPort, client: connectTo(cluster, embedded) };
}
