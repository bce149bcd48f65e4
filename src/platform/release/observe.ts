import type { ClusterClient } from "../../cluster/client.ts";
import { forEachOf } from "../../embedded/delivery/parallel.ts";
import type { ClusterSeen } from "../../release/observed.ts";
import type { Release } from "../../release/release.ts";
import { failure, LandfallError, messageOf } from "../../util/errors.ts";
import { bundlesSeen, wantedOn } from "./observe-cluster.ts";

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
  /** What the clusters say, those that do not answer as well. */
  observe(names: readonly string[], releases: readonly Release[]): Promise<Record<string, ClusterSeen>>;
  /** Ask a cluster something else. Throws LF6001 when it is not known or does not answer. */
  ask<T>(
    name: string,
    question: (client: ClusterClient, cluster: ReachableCluster) => Promise<T>,
  ): Promise<T>;
  /** Why a cluster did not answer when it was asked last. */
  silence(name: string): string | undefined;
  names(): string[];
  close(): void;
}

/** Clusters that are asked at once. */
const width = 16;

/**
 * The clusters an engine knows, with connections that are kept from round to round.
 * @param limitMs how long a cluster may take for a whole answer
 */
export function reachClusters(
  known: readonly ReachableCluster[],
  { limitMs = 10_000, now = Date.now }: { limitMs?: number; now?: () => number } = {},
): Clusters {
  const byName = new Map(known.map((cluster) => [cluster.name, cluster]));
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
    const cluster = byName.get(name);
    if (!cluster) throw unknown(name);
    let client = open.get(name);
    if (!client) {
      client = Promise.resolve().then(() => cluster.connect());
      open.set(name, client);
    }
    try {
      return await within(
        limitMs,
        name,
        client.then((connected) => question(connected, cluster)),
      );
    } catch (error) {
      // The kubeconfig may have been written anew, or the connection hangs.
      drop(name);
      throw error;
    }
  };
  const observeOne = async (name: string, releases: readonly Release[]): Promise<ClusterSeen> => {
    try {
      const wanted = wantedOn(releases, name);
      const bundles = await ask(name, (client, { namespace }) => bundlesSeen(client, namespace, wanted));
      answered.set(name, now());
      silent.delete(name);
      return { reachable: true, answeredAt: answered.get(name), bundles };
    } catch (error) {
      silent.set(name, whyOf(error));
      return { reachable: false, answeredAt: answered.get(name), bundles: {} };
    }
  };
  return {
    observe: async (names, releases) => {
      const seen: Record<string, ClusterSeen> = {};
      await forEachOf(names, width, async (name) => {
        seen[name] = await observeOne(name, releases);
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

function unknown(name: string): LandfallError {
  return failure("LF6001", {
    what: `there is no way to ${name} from here`,
    why: "no kubeconfig context is known for it",
    fix: "run the engine where the cluster is known: see `landfall doctor`",
  });
}

function whyOf(error: unknown): string {
  const first = error instanceof LandfallError ? error.problems[0] : undefined;
  return first ? [first.what, first.why].filter(Boolean).join(": ") : messageOf(error);
}
