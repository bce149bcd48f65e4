import { hostname } from "node:os";
import { isDeepStrictEqual } from "node:util";
import type { DeclaredDns } from "../../dns/declared.ts";
import { pause } from "../../embedded/machine/wait.ts";
import { messageOf, type Problem } from "../../util/errors.ts";
import { whileLeading } from "../lease.ts";
import { type DnsReport, dnsRound, type Memory, noMemory } from "./round.ts";
import type { DnsSource } from "./source.ts";
import { hubOf, readOr, taskOf } from "./task.ts";

/** What one round came to. */
export type DnsEvent =
  | ({ type: "round" } & DnsReport)
  | { type: "standby"; owner: string }
  | { type: "failed"; why: string };

interface Keeping {
  everyMs: number;
  signal: AbortSignal;
  onEvent: (event: DnsEvent) => void;
  identity?: string;
}

/** How often the fleet repo is read: a change of clusters, weights or zones is known after it. */
const rereadMs = 10_000;

/** The Lease on the hub, in the namespace of its DNSEndpoints. */
const leaseName = "landfall-dns";

/**
 * Keep the hub's DNSEndpoints as they are wanted until the signal aborts. One process at a time does it, by a Lease on
 * the hub. A hub that does not answer is asked again, and while Git is away what it said last counts.
 */
export async function keepDns(source: DnsSource, how: Keeping): Promise<void> {
  const { signal, onEvent } = how;
  const memory = noMemory();
  let known = source.otherwise;
  let told: string | undefined;
  const read = async () => {
    let trouble: string | undefined;
    known = await readOr(source, known, ({ what, why = what }) => {
      trouble = why;
    });
    // Git that is away is told when it goes, not at every look.
    if (trouble !== undefined && trouble !== told) onEvent({ type: "failed", why: trouble });
    told = trouble;
    return known;
  };
  while (!signal.aborted) {
    const declared = await read();
    if (declared) await keepDeclared({ source, declared, memory, read }, how);
    else await pause(rereadMs, signal);
  }
}

interface Kept {
  source: DnsSource;
  declared: DeclaredDns;
  memory: Memory;
  read: () => Promise<DeclaredDns | undefined>;
}

/** Rounds by what is declared now, until something else is. */
async function keepDeclared({ source, declared, memory, read }: Kept, how: Keeping): Promise<void> {
  const { everyMs, signal, onEvent, identity = `landfall-${hostname()}-${process.pid}` } = how;
  const task = taskOf(source, declared);
  const elected = source.reach([declared.hub]);
  const lease = {
    ...{ client: hubOf({ declared, clusters: elected }), namespace: declared.namespace, name: leaseName },
    ...{ identity, signal },
    onStandby: (owner: string) => onEvent({ type: "standby", owner }),
    onTrouble: ({ what, why = what }: Problem) => onEvent({ type: "failed", why }),
  };
  let readAt = performance.now();
  try {
    await whileLeading(lease, async (leading) => {
      while (!leading.aborted) {
        if (performance.now() - readAt >= rereadMs) {
          if (!isDeepStrictEqual(await read(), declared)) return;
          readAt = performance.now();
        }
        try {
          onEvent({ type: "round", ...(await dnsRound(task, memory, { apply: true })) });
        } catch (error) {
          onEvent({ type: "failed", why: messageOf(error) });
        }
        await pause(everyMs, leading);
      }
    });
  } finally {
    task.clusters.close();
    elected.close();
  }
}
