/**
 * Clusters as the engine's observer asks them, without a network: each serves what it was told to, a while after the
 * commit that told it was pushed, and takes a while for each answer. Both are stated in the result.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterClient } from "../../src/cluster/client.ts";
import type { Gvk, LiveObject } from "../../src/cluster/types.ts";
import type { ReachableCluster } from "../../src/platform/release/observe.ts";
import type { Action, Content, Release } from "../../src/release/index.ts";
import { appOf, bundleName, clusterName, type Settings } from "./settings.ts";

/** Other kinds are asked for as well, and there is none of them. */
const kinds = new Set(["Kustomization", "Deployment"]);

type Served = (cluster: string, bundle: string) => Content | undefined;

interface Told {
  content: Content;
  /** Epoch milliseconds from when it serves it. */
  from: number;
}

export interface SimulatedClusters {
  all: ReachableCluster[];
  /** What every release's clusters have when the engine starts. */
  begin(releases: readonly Release[], content: (release: Release) => "from" | "to"): void;
  /** A commit was pushed. */
  tell(action: Action): void;
}

export function simulatedClusters({ clusters, answers, serves: [least, most] }: Settings): SimulatedClusters {
  const told = new Map<string, Told[]>();
  const bundlesOf = new Map<string, Set<string>>();
  const random = seeded(1);
  const add = (cluster: string, bundle: string, one: Told) => {
    const key = `${cluster} ${bundle}`;
    told.set(key, [...(told.get(key) ?? []), one]);
    bundlesOf.set(cluster, (bundlesOf.get(cluster) ?? new Set()).add(bundle));
  };
  const bundles = (cluster: string) => [...(bundlesOf.get(cluster) ?? [])];
  const served: Served = (cluster, bundle) =>
    told.get(`${cluster} ${bundle}`)?.findLast(({ from }) => from <= Date.now())?.content;
  return {
    all: Array.from({ length: clusters }, (_, i) => reachable(clusterName(i), answers, { served, bundles })),
    begin: (releases, content) => {
      for (const release of releases)
        for (const move of release.moves)
          for (const cluster of move.clusters)
            add(cluster, move.bundle, { content: move[content(release)], from: 0 });
    },
    tell: ({ release, pointers }) => {
      for (const { cluster, bundle, path } of pointers) {
        const move = release.moves.find((one) => one.bundle === bundle);
        const content = [move?.to, move?.back, move?.from].find((one) => one?.path === path) ?? move?.to;
        const from = Date.now() + least + random() * (most - least);
        if (content) add(cluster, bundle, { content, from });
      }
    },
  };
}

function reachable(
  name: string,
  answers: number,
  { served, bundles }: { served: Served; bundles: (cluster: string) => string[] },
): ReachableCluster {
  const objectOf = ({ kind }: Gvk, object: string): LiveObject | undefined => {
    const content = served(name, kind === "Kustomization" ? object : bundleName(object));
    if (!content) return undefined;
    return kind === "Kustomization" ? kustomization(object, content) : deployment(object, content);
  };
  const get: ClusterClient["get"] = async (gvk, object) => {
    await sleep(answers);
    return objectOf(gvk, object);
  };
  const list: ClusterClient["list"] = async (gvk) => {
    await sleep(answers);
    const names = bundles(name).map((bundle) => (gvk.kind === "Kustomization" ? bundle : appOf(bundle)));
    return kinds.has(gvk.kind) ? names.flatMap((one) => objectOf(gvk, one) ?? []) : [];
  };
  const client = { get, list, close: () => undefined } as unknown as ClusterClient;
  return {
    name,
    namespace: "flux-system",
    connect: () => client,
    metricsUrl: undefined,
    alertsUrl: undefined,
  };
}

const metadata = (name: string, namespace: string) => ({
  ...{ name, namespace, uid: name, resourceVersion: "1", generation: 1 },
  creationTimestamp: "2026-01-01T00:00:00Z",
});

function kustomization(name: string, { revision }: Content): LiveObject {
  const ready = { type: "Ready", status: "True", reason: "ReconciliationSucceeded", observedGeneration: 1 };
  return {
    ...{ apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" },
    metadata: metadata(name, "flux-system"),
    status: { conditions: [ready], lastAppliedRevision: revision, lastAttemptedRevision: revision },
  };
}

function deployment(name: string, { workloads: [workload] }: Content): LiveObject {
  const annotations = { "landfall.dev/template": workload?.template ?? "" };
  return {
    ...{ apiVersion: "apps/v1", kind: "Deployment" },
    metadata: metadata(name, "bench"),
    spec: { replicas: 1, template: { metadata: { annotations } } },
    status: {
      ...{ observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
    },
  };
}

/** Numbers between 0 and 1, always the same ones: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
