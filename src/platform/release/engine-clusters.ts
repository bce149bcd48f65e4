import type { ClusterPlan, Plan } from "../../compile/plan.ts";
import { clusterStatus } from "../../embedded/index.ts";
import { readState } from "../../embedded/state/state.ts";
import { connectTo } from "../connect.ts";
import { embeddedName } from "../local-cluster.ts";
import type { ReachableCluster } from "./observe.ts";

/** The declared clusters, as the engine reaches them from this machine. */
export function declaredClusters(plan: Plan): ReachableCluster[] {
  return plan.clusters.map((cluster) => {
    const { name, deliveryNamespace, metricsStoreUrl, alertSinkUrl } = cluster;
    const local = cluster.spec.type === "local" ? embeddedName(plan.company, name) : undefined;
    return {
      name,
      namespace: deliveryNamespace,
      connect: () => connection(cluster, local),
      get metricsUrl() {
        return local ? hostAddress(metricsStoreUrl, local) : metricsStoreUrl;
      },
      get alertsUrl() {
        return local ? hostAddress(alertSinkUrl, local) : alertSinkUrl;
      },
    };
  });
}

async function connection(cluster: ClusterPlan, local: string | undefined) {
  return connectTo(cluster, local === undefined ? undefined : await clusterStatus(local));
}

/**
 * Where pods are simulated, a part's program may run on this machine beside the cluster, named as its Service is. Then
 * that is asked, since nothing answers behind the Service.
 */
function hostAddress(url: string | undefined, cluster: string): string | undefined {
  const state = readState(cluster);
  if (url === undefined || state?.mode !== "simulated") return url;
  const [service] = new URL(url).hostname.split(".");
  const health = state.spec.processes?.find(({ name }) => name === service)?.healthUrl;
  return health && new URL(health).origin;
}
