import type { ClusterClient } from "../cluster/client.ts";

/** Whether the metrics store gets what it asks for. */
export interface ScrapeHealth {
  up: number;
  /** Targets that do not answer: `shop/cart-7d9f: connection refused`. */
  down: string[];
}

interface Target {
  health: "up" | "down" | "unknown";
  lastError: string;
  labels: Record<string, string>;
  scrapeUrl: string;
}

/** Ask the metrics store for its targets, through the API server's proxy to its Service. */
export async function scrapeHealth(
  client: ClusterClient,
  url: string | undefined,
): Promise<ScrapeHealth | undefined> {
  const path = url && proxyPath(url);
  if (!path) return undefined;
  const { status, text } = await client.raw(`${path}/api/v1/targets?state=active`);
  if (status !== 200) return { up: 0, down: [`the metrics store answers ${status}`] };
  const { activeTargets } = (JSON.parse(text) as { data: { activeTargets: Target[] } }).data;
  const down = activeTargets
    .filter(({ health }) => health === "down")
    .map(
      ({ labels, scrapeUrl, lastError }) =>
        `${labels.pod ? `${labels.namespace}/${labels.pod}` : scrapeUrl}: ${lastError}`,
    );
  return { up: activeTargets.filter(({ health }) => health === "up").length, down };
}

/**
 * `http://name.namespace.svc.cluster.local:9090` → the path of the API server's proxy to that Service; undefined for
 * an address that is not a Service's.
 */
export function proxyPath(url: string): string | undefined {
  const { hostname, port, protocol } = new URL(url);
  const [name, namespace, svc] = hostname.split(".");
  if (svc !== "svc") return undefined;
  return `/api/v1/namespaces/${namespace}/services/${protocol === "https:" ? "https:" : ""}${name}:${port}/proxy`;
}
