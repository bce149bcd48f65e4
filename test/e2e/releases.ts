import type { ClusterClient } from "../../src/cluster/client.ts";

const deployment = { apiVersion: "apps/v1", kind: "Deployment" };

/** The digest of the template that serves the page. */
export async function templateOfPrimary(client: ClusterClient): Promise<string | undefined> {
  const spec = (await client.get(deployment, "storefront-primary", "shop"))?.spec as
    | { template: { metadata: { annotations?: Record<string, string> } } }
    | undefined;
  return spec?.template.metadata.annotations?.["landfall.dev/template"];
}

/** The shares of traffic that a release's events told, in their order and each once: `[10, 20, 30]`. */
export function weightsTold(ndjson: string): number[] {
  const weights = [...ndjson.matchAll(/"weight":(\d+)/g)].map(([, weight]) => Number(weight));
  return weights.filter((weight, i) => weight !== weights[i - 1]);
}
