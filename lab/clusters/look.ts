/** What clusters have, asked of their API servers. */
import type { Lab, LabCluster } from "./clusters.ts";

const deployments = { apiVersion: "apps/v1", kind: "Deployment" };
const canaries = { apiVersion: "flagger.app/v1beta1", kind: "Canary" };

/** A cluster of the lab by its name. */
export function clusterOf({ clusters }: Pick<Lab, "clusters">, name: string): LabCluster {
  const found = clusters.get(name);
  if (!found) throw new Error(`the lab has no cluster ${name}`);
  return found;
}

/** A variable of the pods that a Deployment asks for. */
export async function envOf(
  { client }: LabCluster,
  name: string,
  variable: string,
): Promise<string | undefined> {
  const live = await client.get(deployments, name, "lab");
  const spec = live?.spec as
    | { template: { spec: { containers: { env?: { name: string; value?: string }[] }[] } } }
    | undefined;
  return spec?.template.spec.containers[0]?.env?.find((one) => one.name === variable)?.value;
}

/** Flagger's phase of an app. */
export async function phaseOf({ client }: LabCluster, app: string): Promise<string | undefined> {
  const status = (await client.get(canaries, app, "lab"))?.status as { phase?: string } | undefined;
  return status?.phase;
}

/** The weights of an app's route by Service. */
export async function weightsOf({ client }: LabCluster, app: string): Promise<Record<string, number>> {
  const route = await client.get(
    { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" },
    app,
    "lab",
  );
  const { rules } = (route?.spec ?? { rules: [] }) as {
    rules: { backendRefs: { name: string; weight: number }[] }[];
  };
  return Object.fromEntries(rules[0]?.backendRefs.map(({ name, weight }) => [name, weight]) ?? []);
}

/** The same as `envOf`, of a cluster that may not answer yet. */
export function servedOf(cluster: LabCluster, name: string, variable: string): Promise<string | undefined> {
  return envOf(cluster, name, variable).catch(() => undefined);
}

/** Pods of a Deployment that serve; none while the cluster does not answer. */
export async function availableOf({ client }: LabCluster, name: string): Promise<number> {
  const live = await client.get(deployments, name, "lab").catch(() => undefined);
  return (live?.status as { availableReplicas?: number } | undefined)?.availableReplicas ?? 0;
}
