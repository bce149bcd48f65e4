import type { ClusterClient } from "../../cluster/client.ts";
import { refusedWith } from "../../cluster/errors.ts";
import { forEachOf } from "../../embedded/delivery/parallel.ts";
import type { ClusterSeen } from "../../release/observed.ts";
import type { Release } from "../../release/release.ts";
import { failure, LandfallError, messageOf, problem } from "../../util/errors.ts";
import { bundlesSeen, wantedOn } from "./observe-cluster.ts";
import { contentsOf } from "./observe-generator.ts";

/** A cluster as the engine reaches it. */
export interface ReachableCluster {
  name: string;
  /** The namespace of Flux' objects. */
  namespace: string;
  /** Open a connection; may throw LF6001. */
  connect(): Promise<ClusterClient> | ClusterClient;
  /** Where its metrics store and its alert sink answer: inside the cluster, or for this process. */
  metricsUrl: string | undefined;
  alertsUrl: string | undefined;
}

export interface Clusters {
  /** What the clusters say, those that do not answer as well. Those that cannot be reached from here are left out. */
  observe(names: readonly string[], releases: readonly Release[]): Promise<Record<string, ClusterSeen>>;
  /** Ask a cluster something else. Throws LF6001 when there is no way to it, or it does not answer. */
  ask<T>(
    name: string,
    question: (client: ClusterClient, cluster: ReachableCluster) => Promise<T>,
  ): Promise<T>;
  /** Why a cluster did not answer when it was asked last. */
  silence(name: string): string | undefined;
  names(): string[];
  close(): void;
}

/** Clusters that are asked at once: a thousand of them that are 50 ms away take some seconds. */
const width = 64;

interface ReachOptions {
  limitMs?: number;
  now?: () => number;
  later?(name: string): ReachableCluster | undefined;
}

/**
 * The clusters an engine knows, with connections that are kept from round to round.
 * @param limitMs how long a cluster may take for a whole answer
 * @param later the way to a cluster that was not among them yet
 */
export function reachClusters(
  known: readonly ReachableCluster[],
  { limitMs = 10_000, now = Date.now, later }: ReachOptions = {},
): Clusters {
  const byName = new Map(known.map((cluster) => [cluster.name, cluster]));
  const clusterOf = (name: string) => {
    const cluster = byName.get(name) ?? later?.(name);
    if (cluster) byName.set(name, cluster);
    return cluster;
  };
  const open = new Map<string, Promise<ClusterClient>>();
  const answered = new Map<string, number>();
  const silent = new Map<string, string>();

  const drop = (name: string) => {
    open
      .get(name)
      ?.then((client) => client.close())
      .catch(() => undefined);
    open.delete(name);
  };
  const ask: Clusters["ask"] = async (name, question) => {
    const cluster = clusterOf(name);
    if (!cluster) throw noWay(name, "no context is known for it");
    let client = open.get(name);
    if (!client) {
      client = Promise.resolve().then(() => cluster.connect());
      open.set(name, client);
    }
    try {
      const connected = await client.catch((error: unknown) => {
        throw noWay(name, whyOf(error));
      });
      return await within(limitMs, name, question(connected, cluster));
    } catch (error) {
      // The kubeconfig may have been written anew, or the connection hangs.
      drop(name);
      throw error;
    }
  };
  const observeOne = async (name: string, releases: readonly Release[]): Promise<ClusterSeen | undefined> => {
    // What it says is at least as new as the question.
    const askedAt = now();
    try {
      const wanted = wantedOn(releases, name);
      const contents = contentsOf(releases);
      const bundles = await ask(name, (client, { namespace }) =>
        bundlesSeen(client, namespace, wanted, contents),
      );
      answered.set(name, askedAt);
      silent.delete(name);
      return { reachable: true, answeredAt: askedAt, bundles };
    } catch (error) {
      silent.set(name, whyOf(error));
      // What only this engine lacks says nothing of the cluster: another engine may well reach it.
      if (error instanceof NoWay || [401, 403].includes(refusedWith(error) ?? 0)) return undefined;
      return { reachable: false, answeredAt: answered.get(name), bundles: {} };
    }
  };
  return {
    observe: async (names, releases) => {
      const seen: Record<string, ClusterSeen> = {};
      const moving = byCluster(releases);
      await forEachOf(names, width, async (name) => {
        const one = await observeOne(name, moving.get(name) ?? []);
        if (one) seen[name] = one;
      });
      return seen;
    },
    ask,
    silence: (name) => silent.get(name),
    names: () => [...byName.keys()],
    close: () => {
      for (const name of open.keys()) drop(name);
    },
  };
}

/** The releases that move something on each cluster. */
function byCluster(releases: readonly Release[]): Map<string, Release[]> {
  const moving = new Map<string, Release[]>();
  for (const release of releases)
    for (const name of new Set(release.moves.flatMap(({ clusters }) => clusters)))
      moving.set(name, [...(moving.get(name) ?? []), release]);
  return moving;
}

async function within<T>(limitMs: number, name: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(silence(name, limitMs)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

function silence(name: string, limitMs: number): LandfallError {
  return failure("LF6001", {
    what: `${name} does not answer`,
    why: `there was no whole answer within ${limitMs / 1000} s`,
    fix: "check the way to its API server; a release goes on without it and comes back to it",
  });
}

/** There is no way to a cluster from here, whether it answers others or not. */
class NoWay extends LandfallError {}

function noWay(name: string, why: string): NoWay {
  return new NoWay([
    problem("LF6001", {
      what: `there is no way to ${name} from here`,
      why,
      fix: "add its context to the kubeconfig, or leave it to an engine that reaches it",
    }),
  ]);
}

function whyOf(error: unknown): string {
  const first = error instanceof LandfallError ? error.problems[0] : undefined;
  return first ? [first.what, first.why].filter(Boolean).join(": ") : messageOf(error);
}
