import { hostname } from "node:os";
import { pause } from "../../embedded/machine/wait.ts";
import { messageOf } from "../../util/errors.ts";
import { leaseHolder } from "./lease.ts";
import { type DnsReport, type DnsTask, dnsRound, noMemory } from "./round.ts";

/** What one round came to. */
export type DnsEvent =
  | ({ type: "round" } & DnsReport)
  | { type: "standby"; owner: string }
  | { type: "failed"; why: string };

/** Keep the hub's DNSEndpoints as they are wanted until the signal aborts. A hub that does not answer is asked again. */
export async function keepDns(
  task: DnsTask,
  how: { everyMs: number; signal: AbortSignal; onEvent: (event: DnsEvent) => void; identity?: string },
): Promise<void> {
  const { everyMs, signal, onEvent, identity = `landfall-${hostname()}-${process.pid}` } = how;
  const hold = leaseHolder(task.hub, task.namespace, identity);
  const memory = noMemory();
  while (!signal.aborted) {
    try {
      const answer = await hold();
      if (answer.held) onEvent({ type: "round", ...(await dnsRound(task, memory, { apply: true })) });
      else onEvent({ type: "standby", owner: answer.by });
    } catch (error) {
      onEvent({ type: "failed", why: messageOf(error) });
    }
    await pause(everyMs, signal);
  }
}
