import { homedir } from "node:os";
import { join } from "node:path";
import { type ClusterClient, connect } from "../cluster/client.ts";
import type { ClusterPlan, Plan } from "../compile/plan.ts";
import { clusterStatus } from "../embedded/index.ts";
import type { ClusterStatus } from "../embedded/types.ts";
import { embeddedName } from "./local-cluster.ts";

/** The kubeconfig that kubectl would take. */
export function defaultKubeconfig(): string {
  return process.env.KUBECONFIG ?? join(homedir(), ".kube", "config");
}

/** A client for a declared cluster; for one of this machine `embedded` says where it is. */
export function connectTo(cluster: ClusterPlan, embedded: ClusterStatus | undefined): ClusterClient {
  if (cluster.spec.type === "kubernetes") {
    return connect({
      kubeconfig: defaultKubeconfig(),
      context: cluster.spec.context,
      timeoutMs: 5000,
    });
  }
  return connect({ kubeconfig: embedded?.kubeconfig ?? "", timeoutMs: 5000 });
}

/** Ask a declared cluster something, and close the connection. Throws LF6001 when it cannot be reached. */
export async function withCluster<T>(
  plan: Plan,
  cluster: ClusterPlan,
  ask: (client: ClusterClient, embedded: ClusterStatus | undefined) => Promise<T>,
): Promise<T> {
  const local = cluster.spec.type === "local";
  const embedded = local ? await clusterStatus(embeddedName(plan.company, cluster.name)) : undefined;
  const client = connectTo(cluster, embedded);
  try {
    return await ask(client, embedded);
  } finally {
    client.close();
  }
}
