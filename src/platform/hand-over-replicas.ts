import type { ObjectName } from "../changes/types.ts";
import type { ClusterClient } from "../cluster/client.ts";
import type { LiveObject } from "../cluster/types.ts";

/** The field manager that replicas are handed to; an autoscaler takes them from it with the first number it sets. */
const keeper = "landfall-hand-over";

/** Give the replicas of workloads a second owner with the number they have, so that they stay when Flux lets go. */
export async function keepReplicas(client: ClusterClient, workloads: readonly ObjectName[]): Promise<true> {
  for (const { apiVersion, kind, name, namespace } of workloads) {
    const live = await client.get({ apiVersion, kind }, name, namespace);
    // What is not there yet starts with what the autoscaler says.
    if (!live || hasOtherOwner(live)) continue;
    const { replicas } = live.spec as { replicas: number };
    const metadata = { name, ...(namespace && { namespace }) };
    await client.apply({ apiVersion, kind, metadata, spec: { replicas } }, { fieldManager: keeper });
  }
  return true;
}

/** Whether somebody else than Flux owns `spec.replicas`. */
function hasOtherOwner({ metadata }: LiveObject): boolean {
  const managers = metadata.managedFields as
    | { manager: string; fieldsV1?: { "f:spec"?: object } }[]
    | undefined;
  return (managers ?? []).some(
    ({ manager, fieldsV1 }) =>
      manager !== "kustomize-controller" && Object.hasOwn(fieldsV1?.["f:spec"] ?? {}, "f:replicas"),
  );
}
