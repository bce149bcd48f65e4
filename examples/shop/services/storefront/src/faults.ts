import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The fault switch, as in faults.json; what is absent is 0. */
export type Faults = {
  /** Added to every request, 0 … 600000 ms. */
  readonly latencyMs: number;
  /** The share of requests that fail, 0 … 1. */
  readonly errorRate: number;
  /** How fast memory is held, 0 … 100000 MB a minute; freed when it is 0 again. */
  readonly memoryMbPerMinute: number;
  /** Of one core, 0 … 100. */
  readonly cpuBurnPercent: number;
};

const limits: Readonly<Record<keyof Faults, number>> = {
  latencyMs: 600_000,
  errorRate: 1,
  memoryMbPerMinute: 100_000,
  cpuBurnPercent: 100,
};

export const noFaults: Faults = { latencyMs: 0, errorRate: 0, memoryMbPerMinute: 0, cpuBurnPercent: 0 };

/** Reads the text of a faults.json. Throws an Error naming the field when it is damaged. */
export function parseFaults(text: string): Faults {
  const read: unknown = JSON.parse(text);
  if (typeof read !== "object" || read === null || Array.isArray(read)) throw new Error("not an object");
  for (const [name, value] of Object.entries(read)) {
    if (!Object.hasOwn(limits, name)) throw new Error(`${name}: no such fault`);
    const limit = limits[name as keyof Faults];
    if (typeof value !== "number" || !(value >= 0 && value <= limit)) {
      throw new Error(`${name}: ${JSON.stringify(value)} is not a number from 0 to ${limit}`);
    }
  }
  return { ...noFaults, ...read };
}

export type FaultSwitch = {
  readonly current: () => Faults;
  /** Waits for the latency that is switched on, then tells whether this request is to fail. */
  readonly strike: () => Promise<boolean>;
  readonly stop: () => void;
};

type Listener = { changed: (faults: Faults) => void; damaged: (reason: string) => void };

/**
 * Follows faults.json in the folder, by content and once a second: a ConfigMap's files change by a
 * swapped link, which file watchers miss. No file means no faults; a damaged one keeps the last good.
 */
export async function followFaults(configDir: string, listener: Listener): Promise<FaultSwitch> {
  const path = join(configDir, "faults.json");
  let seen: string | undefined;
  let faults = noFaults;
  async function refresh() {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return "{}";
      return `unreadable: ${error.code}`;
    });
    if (text === seen) return;
    seen = text;
    try {
      faults = parseFaults(text);
      listener.changed(faults);
    } catch (error) {
      listener.damaged(`${path}: ${(error as Error).message}`);
    }
  }
  await refresh();
  const polling = setInterval(refresh, 1000);
  const stopMemory = holdMemory(() => faults.memoryMbPerMinute);
  const stopCpu = burnCpu(() => faults.cpuBurnPercent);
  return {
    current: () => faults,
    strike: async () => {
      const { latencyMs, errorRate } = faults;
      if (latencyMs > 0) await sleep(latencyMs);
      return Math.random() < errorRate;
    },
    stop: () => {
      clearInterval(polling);
      stopMemory();
      stopCpu();
    },
  };
}

function holdMemory(mbPerMinute: () => number): () => void {
  let held: Buffer[] = [];
  const timer = setInterval(() => {
    const bytes = Math.round((mbPerMinute() * 1024 * 1024) / 60);
    // Filled, since pages that are never written to are not resident.
    if (bytes > 0) held.push(Buffer.alloc(bytes, 1));
    else held = [];
  }, 1000);
  return () => clearInterval(timer);
}

function burnCpu(percent: () => number): () => void {
  const sliceMs = 50;
  let timer: NodeJS.Timeout;
  function slice() {
    const busyMs = (sliceMs * percent()) / 100;
    const end = performance.now() + busyMs;
    while (performance.now() < end);
    // Between slices the event loop turns, so that health is still answered at 100 percent.
    timer = setTimeout(slice, Math.max(1, sliceMs - busyMs));
  }
  slice();
  return () => clearTimeout(timer);
}
