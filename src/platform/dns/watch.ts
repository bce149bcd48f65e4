import { hostname } from "node:os";
import { pause } from "../../embedded/machine/wait.ts";
import { messageOf, type Problem } from "../../util/errors.ts";
import { whileLeading } from "../lease.ts";
import { type DnsReport, type DnsTask, dnsRound, noMemory } from "./round.ts";

/** What one round came to. */
export type DnsEvent =
  | ({ type: "round" } & DnsReport)
  | { type: "standby"; owner: string }
  | { type: "failed"; why: string };

/**
 * Keep the hub's DNSEndpoints as they are wanted until the signal aborts. One process at a time does it, by a Lease on
 * the hub. A hub that does not answer is asked again.
 */
export async function keepDns(
  task: DnsTask,
  how: { everyMs: number; signal: AbortSignal; onEvent: (event: DnsEvent) => void; identity?: string },
): Promise<void> {
  const { everyMs, signal, onEvent, identity = `landfall-${hostname()}-${process.pid}` } = how;
  const memory = noMemory();
  const lease = {
    ...{ client: task.hub, namespace: task.namespace, name: "landfall-dns", identity, signal },
    onStandby: (owner: string) => onEvent({ type: "standby", owner }),
    onTrouble: ({ what, why = what }: Problem) => onEvent({ type: "failed", why }),
  };
  await whileLeading(lease, async (leading) => {
    while (!leading.aborted) {
      try {
        onEvent({ type: "round", ...(await dnsRound(task, memory, { apply: true })) });
      } catch (error) {
        onEvent({ type: "failed", why: messageOf(error) });
      }
      await pause(everyMs, leading);
    }
  });
}
