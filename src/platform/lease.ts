/**
 * One of several candidates works, the others wait: to save work, not for safety. Each step of a release is one commit
 * onto the head it was decided from, and writers of DNS write the same for the same facts, so two leaders for a while do
 * no harm. Therefore whoever cannot ask about the lease works as well: an API server that is away must not stop them all.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterClient } from "../cluster/client.ts";
import { refusedWith } from "../cluster/errors.ts";
import type { LiveObject } from "../cluster/types.ts";
import { LandfallError, type Problem } from "../util/errors.ts";

export interface LeaseOptions {
  client: Pick<ClusterClient, "get" | "apply" | "patch">;
  namespace: string;
  name: string;
  /** Unique among the candidates, e.g. the pod's name. */
  identity: string;
  /** How long a holder may be silent. @default 15000 */
  durationMs?: number;
  /** How often the lease is looked at, and renewed by its holder. @default 3000 */
  retryMs?: number;
  /** Ends everything; the lease is given up at once. */
  signal: AbortSignal;
  onChange?: (leads: boolean) => void;
  /** Called when it is seen that another one holds it. */
  onStandby?: (holder: string) => void;
  /** Why it could not be asked for. */
  onTrouble?: (problem: Problem) => void;
}

/** The lease as it was seen last, and since when it looks so by this process's own clock: others' clocks may differ. */
interface Sighting {
  holder: string;
  version: string;
  sinceMs: number;
}

interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  leaseTransitions?: number;
  acquireTime?: string;
  renewTime?: string;
}

interface Work {
  stop: () => void;
  ended: Promise<void>;
  isOver: () => boolean;
}

const gvk = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };

/**
 * Run `work` while this candidate leads; its signal aborts when another one does. Resolves when the signal aborts or
 * the work ends by itself, and throws what the work throws.
 */
export async function whileLeading(
  options: LeaseOptions,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { signal, durationMs = 15_000, retryMs = 3000, onChange } = options;
  const ask = asker({ ...options, durationMs });
  let leading: Work | undefined;
  const stop = async () => {
    leading?.stop();
    await leading?.ended;
    leading = undefined;
  };
  try {
    while (!signal.aborted && !leading?.isOver()) {
      const leads = await ask(leading !== undefined);
      if (leads !== (leading !== undefined)) onChange?.(leads);
      if (!leads) await stop();
      else leading ??= start(work);
      await Promise.race([pause(retryMs, signal), ...(leading ? [leading.ended] : [])]);
    }
  } finally {
    try {
      await stop();
    } finally {
      await giveUp(options);
    }
  }
}

/** Whether this candidate leads now. Silence of the API server changes nothing at first, and then makes it lead. */
function asker(options: LeaseOptions & { durationMs: number }) {
  const { durationMs, onStandby, onTrouble } = options;
  let seen: Sighting = { holder: "", version: "", sinceMs: 0 };
  let silentSince: number | undefined;
  return async (leads: boolean): Promise<boolean> => {
    try {
      const answer = await take(options, seen);
      silentSince = undefined;
      if (answer === "mine") return true;
      if (answer.holder !== seen.holder) onStandby?.(answer.holder);
      seen = answer;
      return false;
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error;
      for (const problem of error.problems) onTrouble?.(problem);
      silentSince ??= performance.now();
      return leads || performance.now() - silentSince >= durationMs;
    }
  };
}

/** Take or renew the lease if that is possible; else how it looks. */
async function take(
  options: LeaseOptions & { durationMs: number },
  seen: Sighting,
): Promise<"mine" | Sighting> {
  const { client, namespace, name, identity } = options;
  const found = await client.get(gvk, name, namespace);
  const held = specOf(found);
  const version = found?.metadata.resourceVersion ?? "";
  const holder = held.holderIdentity ?? "";
  const sighting = version === seen.version ? seen : { holder, version, sinceMs: performance.now() };
  const isFree = !held.holderIdentity || held.holderIdentity === identity;
  const silentMs = performance.now() - sighting.sinceMs;
  if (!isFree && silentMs < (held.leaseDurationSeconds ?? 0) * 1000) return sighting;
  try {
    await write(options, found, spec(options, held));
    return "mine";
  } catch (error) {
    if (refusedWith(error) !== 409) throw error;
    // Another candidate was faster.
    return sighting;
  }
}

function spec(
  { identity, durationMs }: { identity: string; durationMs: number },
  held: LeaseSpec,
): LeaseSpec {
  const now = new Date().toISOString().replace("Z", "000Z");
  const isNew = held.holderIdentity !== identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    renewTime: now,
    ...(isNew && { acquireTime: now, leaseTransitions: (held.leaseTransitions ?? -1) + 1 }),
  };
}

/** Write the lease if it is still as it was found: one that is not there, or with that very version. */
async function write(
  { client, namespace, name, identity }: LeaseOptions,
  found: LiveObject | undefined,
  to: LeaseSpec,
): Promise<void> {
  if (!found) {
    const metadata = { name, namespace };
    // Applied by two at once, the second conflicts with the first: each is a manager of its own.
    await client.apply({ ...gvk, metadata, spec: to as Record<string, unknown> }, { fieldManager: identity });
    return;
  }
  const { resourceVersion } = found.metadata;
  await client.patch(gvk, { name, namespace }, { metadata: { resourceVersion }, spec: to });
}

/** Let the next candidate have it at once, where this one held it. */
async function giveUp(options: LeaseOptions): Promise<void> {
  const { client, namespace, name, identity } = options;
  try {
    const found = await client.get(gvk, name, namespace);
    if (found && specOf(found).holderIdentity === identity)
      await write(options, found, { holderIdentity: "" });
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    // It runs out by itself.
  }
}

const specOf = (lease: LiveObject | undefined) => (lease?.spec ?? {}) as LeaseSpec;

function start(work: (signal: AbortSignal) => Promise<void>): Work {
  const abort = new AbortController();
  let over = false;
  const ended = work(abort.signal).finally(() => {
    over = true;
  });
  // Whoever waits for the end gets the error; until then nobody may.
  ended.catch(() => undefined);
  return { stop: () => abort.abort(), ended, isOver: () => over };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
