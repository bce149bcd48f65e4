/**
 * One owner at a time, by a Lease on the hub. It keeps two owners from taking turns with different views; safety does not
 * hang on it, since both would write the same for the same facts.
 */
import type { ClusterClient } from "../../cluster/client.ts";
import { refusedWith } from "../../cluster/errors.ts";

const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };
const name = "landfall-dns";

/** How long an owner may be silent before another takes over. */
export const leaseSeconds = 15;

interface LeaseSpec {
  holderIdentity?: string;
  renewTime?: string;
}

/** Whether this process is the owner now; the other's name where it is not. */
export type Hold = { held: true } | { held: false; by: string };

/**
 * A holder of the lease; call it before each round. Another's silence is measured by this process's clock, from when its
 * renewal was first seen, so that clocks need not agree.
 */
export function leaseHolder(hub: ClusterClient, namespace: string, identity: string): () => Promise<Hold> {
  let seen: { renewal: string; at: number } | undefined;
  const take = async (force: boolean): Promise<boolean> => {
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: leaseSeconds,
      renewTime: new Date().toISOString().replace("Z", "000Z"),
    };
    try {
      await hub.apply({ ...lease, metadata: { name, namespace }, spec }, { fieldManager: identity, force });
      return true;
    } catch (error) {
      // Another manager owns the fields.
      if (refusedWith(error) === 409) return false;
      throw error;
    }
  };
  return async () => {
    if (await take(false)) return { held: true };
    const { holderIdentity: by = "", renewTime = "" } = ((await hub.get(lease, name, namespace))?.spec ??
      {}) as LeaseSpec;
    if (seen?.renewal !== `${by} ${renewTime}`)
      seen = { renewal: `${by} ${renewTime}`, at: performance.now() };
    const silent = performance.now() - seen.at > leaseSeconds * 1000;
    if (silent && (await take(true))) return { held: true };
    return { held: false, by };
  };
}
