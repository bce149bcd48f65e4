/**
 * Gives claims of a cluster with simulated pods the volumes they wait for. No provisioner runs there, so pods with
 * claims would never be scheduled. A volume here is an object only: nothing is stored and no folder is made.
 */
import { type ClusterClient, connect } from "../../cluster/client.ts";
import type { LiveObject } from "../../cluster/types.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import { messageOf } from "../../util/errors.ts";
import type { SupervisorService } from "../supervisor/service.ts";

const claimKind = { apiVersion: "v1", kind: "PersistentVolumeClaim" };
const volumeKind = { apiVersion: "v1", kind: "PersistentVolume" };
const label = "landfall.dev/simulated";

/** Set by the volume controller once a claim may be provisioned, that is, after its pod's node was chosen. */
const provisioner = "volume.kubernetes.io/storage-provisioner";

/** The supervisor's service for simulated clusters. */
export function simulatedVolumes(): SupervisorService {
  let life: { end: () => Promise<void> } | undefined;
  return {
    name: "simulated-volumes",
    start: async (cx) => {
      await life?.end();
      await cx.waitReady("kube-apiserver");
      const client = connect({ kubeconfig: cx.kubeconfig, timeoutMs: 10_000 });
      const ending = new AbortController();
      const signal = AbortSignal.any([cx.signal, ending.signal]);
      const attempt = (work: () => Promise<unknown>) =>
        void work().catch((error: unknown) => signal.aborted || cx.log(messageOf(error)));
      const watching = Promise.all([
        client.watch(
          claimKind,
          {},
          (event) => {
            if (event.type === "added" || event.type === "modified")
              attempt(() => provide(client, event.object));
          },
          signal,
        ),
        client.watch(
          volumeKind,
          { labelSelector: label },
          (event) => {
            if (event.type === "added" || event.type === "modified")
              attempt(() => release(client, event.object));
          },
          signal,
        ),
      ]);
      const end = async () => {
        ending.abort();
        client.close();
        await watching;
      };
      life = { end };
    },
    stop: async () => {
      await life?.end();
      life = undefined;
    },
  };
}

interface ClaimSpec {
  volumeName?: string;
  storageClassName?: string;
  accessModes?: string[];
  volumeMode?: string;
  resources: { requests?: { storage?: string } };
}

/** Make the volume of a claim that waits for one; the volume controller binds the two. */
async function provide(client: ClusterClient, claim: LiveObject): Promise<void> {
  const spec = claim.spec as unknown as ClaimSpec;
  const { annotations = {}, deletionTimestamp } = claim.metadata;
  if (spec.volumeName || deletionTimestamp || !annotations[provisioner]) return;
  await client.apply(volumeFor(claim, spec, annotations[provisioner]), { force: true });
}

/** The volume that a claim gets: of its class, size and modes, and reserved for it alone. */
function volumeFor(claim: LiveObject, spec: ClaimSpec, by: string): KubernetesObject {
  const { name, namespace = "", uid = "" } = claim.metadata;
  return {
    ...volumeKind,
    metadata: {
      name: `simulated-${uid}`,
      labels: { [label]: "true" },
      // Without it the volume controller would try to delete the folder itself.
      annotations: { "pv.kubernetes.io/provisioned-by": by },
    },
    spec: {
      capacity: { storage: spec.resources.requests?.storage ?? "1Gi" },
      accessModes: spec.accessModes ?? ["ReadWriteOnce"],
      volumeMode: spec.volumeMode ?? "Filesystem",
      storageClassName: spec.storageClassName ?? "",
      persistentVolumeReclaimPolicy: "Delete",
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
      hostPath: { path: `/simulated/${uid}` },
    },
  };
}

/** Remove the volume of a claim that is gone. */
async function release(client: ClusterClient, volume: LiveObject): Promise<void> {
  const { phase } = (volume.status ?? {}) as { phase?: string };
  if (phase === "Released" || phase === "Failed") await client.remove(volumeKind, volume.metadata.name);
}
