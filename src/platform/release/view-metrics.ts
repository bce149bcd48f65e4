/** The metrics that judge canaries, as they are now: what Flagger asks, asked again for people to see. */
import type { ClusterClient } from "../../cluster/client.ts";
import type { LiveObject } from "../../cluster/types.ts";
import { LandfallError } from "../../util/errors.ts";
import type { Look } from "./engine.ts";
import { limitText, number } from "./gates-limits.ts";
import { queryMetrics } from "./gates-query.ts";
import type { Clusters, ReachableCluster } from "./observe.ts";
import type { MetricSeen } from "./view.ts";

interface CanaryMetric {
  name: string;
  interval?: string;
  query?: string;
  thresholdRange?: { min?: number; max?: number };
  templateRef?: { name: string; namespace?: string };
}

interface CanarySpec {
  targetRef: { name: string };
  service?: { name?: string };
  analysis?: { metrics?: CanaryMetric[] };
}

const canaries = { apiVersion: "flagger.app/v1beta1", kind: "Canary" };
const templates = { apiVersion: "flagger.app/v1beta1", kind: "MetricTemplate" };
/** So many clusters are asked; more do not fit on a screen. */
const mostClusters = 6;

/** By cluster, the metrics of each canary that moves traffic there at this look. What does not answer is left out. */
export async function canaryMetrics(
  clusters: Clusters,
  { seen }: Look,
): Promise<Record<string, MetricSeen[]>> {
  const judged = Object.entries(seen.clusters).flatMap(([cluster, { bundles }]) => {
    const moving = Object.values(bundles)
      .flatMap(({ workloads }) => workloads)
      .filter(({ canary }) => canary?.phase === "Progressing" || canary?.phase === "WaitingPromotion");
    return moving.length > 0 ? [{ cluster, moving }] : [];
  });
  const asked = judged
    .slice(0, mostClusters)
    .map(async ({ cluster, moving }): Promise<[string, MetricSeen[]]> => {
      const seenThere = await clusters
        .ask(cluster, async (client, at) => {
          const each = await Promise.all(moving.map((workload) => metricsOf(client, at, workload)));
          return each.flat();
        })
        .catch(() => []);
      return [cluster, seenThere];
    });
  return Object.fromEntries(await Promise.all(asked));
}

async function metricsOf(
  client: ClusterClient,
  cluster: ReachableCluster,
  { namespace, name }: { namespace: string; name: string },
): Promise<MetricSeen[]> {
  const canary = await client.get(canaries, name, namespace);
  const { analysis } = (canary?.spec ?? {}) as CanarySpec;
  if (!canary) return [];
  return Promise.all((analysis?.metrics ?? []).map((metric) => metricSeen(client, cluster, canary, metric)));
}

async function metricSeen(
  client: ClusterClient,
  cluster: ReachableCluster,
  canary: LiveObject,
  metric: CanaryMetric,
): Promise<MetricSeen> {
  const range = metric.thresholdRange ?? {};
  const base = { name: metric.name, limit: limitText(range) };
  const query = await queryOf(client, canary, metric);
  if (query === undefined) return { ...base, value: "no query", within: false };
  try {
    const [first] = await queryMetrics(client, cluster, query);
    if (!first || Number.isNaN(first.value)) return { ...base, value: "no data", within: false };
    const { min = -Infinity, max = Infinity } = range;
    return { ...base, value: number(first.value), within: first.value >= min && first.value <= max };
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    return { ...base, value: "no answer", within: false };
  }
}

/** The query with Flagger's placeholders filled in, as Flagger does it. */
async function queryOf(
  client: ClusterClient,
  canary: LiveObject,
  { interval = "1m", query, templateRef }: CanaryMetric,
): Promise<string | undefined> {
  const { name, namespace = "" } = canary.metadata;
  const { targetRef, service } = canary.spec as CanarySpec;
  const template =
    templateRef && (await client.get(templates, templateRef.name, templateRef.namespace ?? namespace));
  const text = query ?? (template?.spec as { query?: string } | undefined)?.query;
  const target = targetRef.name;
  const values: Record<string, string> = {
    name,
    namespace,
    target,
    interval,
    service: service?.name ?? target,
  };
  return text?.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, key: string) => values[key] ?? whole);
}
