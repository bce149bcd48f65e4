/**
 * One look at every cluster, and what DNS shall say after it, as DNSEndpoints on the hub. Any process may make the next
 * round: what it must know of earlier ones stands in those objects, but for a probe that failed just now.
 */
import { isDeepStrictEqual } from "node:util";
import type { LiveObject } from "../../cluster/types.ts";
import type { DeclaredCluster } from "../../dns/declared.ts";
import { dnsEndpoint, endpointsOf, lastSeen, ownerLabel } from "../../dns/endpoints.ts";
import { type Health, judged } from "../../dns/health.ts";
import { awaited, nextStep } from "../../dns/steps.ts";
import type { DnsCluster, DnsRoute } from "../../dns/types.ts";
import { type WantedName, wantedNames } from "../../dns/wanted.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import { messageOf, type Problem } from "../../util/errors.ts";
import { type Answers, answersOf, foreignNames } from "./holders.ts";
import { routesOn } from "./observe.ts";
import { answersWell, gatewayAnswers } from "./probe.ts";
import { type DnsTask, type Hub, hubOf } from "./task.ts";

export interface DnsReport {
  names: WantedName[];
  clusters: DnsCluster[];
  /** Clusters whose API did not answer, with the reason: what was last seen of them counts. */
  unseen: { cluster: string; why: string }[];
  /** Names that an app claims and does not get, because another app or somebody else has them. */
  problems: Problem[];
  /** DNSEndpoints that were written or removed, by name. */
  changed: string[];
}

/** What earlier rounds of this process know: each cluster's health, and the records that were found to be ours. */
export interface Memory {
  health: Map<string, Health>;
  ours: Set<string>;
}

export const noMemory = (): Memory => ({ health: new Map(), ours: new Set() });

/** Look at every cluster once. With `apply` the hub's DNSEndpoints are brought to what is wanted. Throws LF600x of the hub. */
export async function dnsRound(
  task: DnsTask,
  memory: Memory,
  { apply }: { apply: boolean },
): Promise<DnsReport> {
  const { company, declared } = task;
  const { namespace, zones, ttl, weightsZone, owner, server } = declared;
  const hub = hubOf(task);
  const existing = await hub.list(dnsEndpoint, { namespace, labelSelector: `${ownerLabel}=${company}` });
  const seen = lastSeen(existing);
  const looks = await Promise.all(
    declared.clusters.map((cluster) => lookAt(task, cluster, seen.get(cluster.name) ?? [], memory)),
  );
  const clusters = looks.map(({ cluster }) => cluster);
  const routes = looks.flatMap((look) => look.routes);
  const { names, problems } = wantedNames(routes, clusters, { zones, ttl, weightsZone });
  const answers = await answersOf(server);
  // A server that does not answer says nothing about any name.
  const foreign = answers ? await foreignNames(names, answers, owner, memory.ours).catch(() => []) : [];
  const wanted = endpointsOf(names, { namespace, company });
  const changed = apply ? await bring({ hub, existing, wanted, answers }) : [];
  const unseen = looks.flatMap(({ cluster, why }) => (why ? [{ cluster: cluster.name, why }] : []));
  return { names, clusters, unseen, problems: [...problems, ...foreign], changed };
}

/** A cluster's routes, or those it was last seen with and why it cannot say; and how it is. */
async function lookAt({ clusters }: DnsTask, declared: DeclaredCluster, last: DnsRoute[], memory: Memory) {
  const { name, weight, addresses } = declared;
  let why: string | undefined;
  const asked = clusters.ask(name, (client) => routesOn(client, name, addresses));
  const routes = await asked.catch((error: unknown) => {
    why = messageOf(error);
    return last;
  });
  const health = judged(memory.health.get(name), await isWell(declared, routes));
  memory.health.set(name, health);
  return { routes, why, cluster: { name, weight, healthy: health.healthy } satisfies DnsCluster };
}

/** A cluster is well when its probe says so, or any of its gateways' addresses answers; one without any need not be. */
async function isWell({ probe, httpPort }: DeclaredCluster, routes: DnsRoute[]): Promise<boolean> {
  if (probe) return answersWell(probe);
  const hosts = new Map(routes.flatMap(({ addresses, host }) => addresses.map((address) => [address, host])));
  if (hosts.size === 0) return true;
  const answers = await Promise.all(
    [...hosts].map(([address, host]) => gatewayAnswers(address, httpPort, host)),
  );
  return answers.some(Boolean);
}

/** Write what differs and remove what is not wanted; what others own is not among the existing. */
async function bring(of: {
  hub: Hub;
  existing: LiveObject[];
  wanted: KubernetesObject[];
  answers: Answers | undefined;
}): Promise<string[]> {
  const { hub, existing, wanted, answers } = of;
  const live = new Map(existing.map((object) => [object.metadata.name, object]));
  const steps = await Promise.all(
    wanted.map(async (object) => {
      const now = live.get(object.metadata.name);
      const name = awaited(now, object);
      const isGone =
        name && answers
          ? await answers.isThere(name).then(
              (is) => !is,
              () => undefined,
            )
          : undefined;
      return nextStep(now, object, isGone);
    }),
  );
  const differing = steps.filter((object) => !isAsWanted(live.get(object.metadata.name), object));
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  const gone = existing.filter(({ metadata }) => !names.has(metadata.name));
  for (const object of differing) await hub.apply(object, { fieldManager: "landfall-dns", force: true });
  for (const { metadata } of gone)
    await hub.remove(dnsEndpoint, metadata.name, metadata.namespace, { uid: metadata.uid });
  return [...differing, ...gone].map(({ metadata }) => metadata.name);
}

function isAsWanted(live: LiveObject | undefined, { metadata, spec }: KubernetesObject): boolean {
  if (!live) return false;
  const { labels, annotations } = live.metadata;
  const holds = (own: Record<string, string> | undefined, all: Record<string, string> | undefined) =>
    Object.entries(own ?? {}).every(([key, value]) => all?.[key] === value);
  return (
    holds(metadata.labels, labels) &&
    holds(metadata.annotations, annotations) &&
    isDeepStrictEqual(live.spec, spec)
  );
}
