import { z } from "zod";
import { type DnsZone, field, type PartContext, type PodGroup } from "../../kit/index.ts";
import { name } from "../../model/values.ts";

export const options = z.object({
  hub: field(
    name.optional(),
    "The cluster that the engine runs on. Every cluster gets the account by which the engine may look at it.",
    "hub",
  ),
  credentials: field(
    name.default("fleet-push"),
    "The Secret with which it pushes to the fleet repo, in Flux' form: `username` and `password`, or `identity` and `known_hosts`.",
    "fleet-push",
  ),
  kubeconfig: field(
    name.optional(),
    "The Secret whose key `kubeconfig` has a context for each other cluster, named as the cluster. Without it the engine moves its own cluster alone.",
    "clusters",
  ),
  standby: field(
    z.boolean().default(false),
    "A second pod that goes on at once when the first one ends.",
    true,
  ),
  image: field(
    z.string().min(1).optional(),
    "The engine's image where the cluster can pull it; by default the one that landfall makes of its own sources.",
    "registry.example.com/release-engine:0.1.0",
  ),
});

export type Context = PartContext<z.output<typeof options>, Needs>;

interface Service {
  url: string;
  namespace: string;
}

/** What the part's needs come down to. */
export interface Needs {
  delivery: { namespace: string };
  metricsStore: { url: string; pods: PodGroup } | undefined;
  alertSink: { host: string; port: number; pods: PodGroup } | undefined;
  dnsZone: Pick<DnsZone, "hub" | "namespace"> | undefined;
}

/** Where metrics are asked and alerts go, on every cluster alike. */
export function servicesOf({ needs }: Pick<Context, "needs">): { metrics?: Service; alerts?: Service } {
  const { metricsStore, alertSink } = needs;
  return {
    ...(metricsStore && { metrics: { url: metricsStore.url, namespace: metricsStore.pods.namespace } }),
    ...(alertSink && {
      alerts: { url: `http://${alertSink.host}:${alertSink.port}`, namespace: alertSink.pods.namespace },
    }),
  };
}
