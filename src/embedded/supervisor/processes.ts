import { EventEmitter } from "node:events";
import { isAlive } from "../machine/process-id.ts";
import { pause } from "../machine/wait.ts";
import type { ProcessStatus } from "../types.ts";
import { endProcess, hashSpec, type Kept, keepAlive, type Surroundings } from "./keep-alive.ts";
import type { ProcessSpec } from "./process-spec.ts";

/** All processes of the supervisor. */
export interface Processes {
  /** Make the kept processes equal to the wished ones: start new, replace changed, end dropped ones. */
  reconcile: (specs: ProcessSpec[]) => Promise<void>;
  statuses: () => ProcessStatus[];
  /** Hear every change of a process's state. Answers the function that ends the hearing. */
  subscribe: (hear: (status: ProcessStatus) => void) => () => void;
  waitHealthy: (names: string[], signal: AbortSignal) => Promise<void>;
  /** End all, those that depend on others first. */
  stop: () => Promise<void>;
}

/** Names in groups that may end together: nobody in a group is needed by a later group. */
export function stopOrder(specs: Pick<ProcessSpec, "name" | "dependsOn">[]): string[][] {
  const left = new Map(specs.map((spec) => [spec.name, spec]));
  const groups: string[][] = [];
  while (left.size > 0) {
    const needed = new Set([...left.values()].flatMap((spec) => spec.dependsOn));
    const free = [...left.keys()].filter((name) => !needed.has(name));
    // A cycle has no free one; then the rest ends together.
    const group = free.length > 0 ? free : [...left.keys()];
    for (const name of group) left.delete(name);
    groups.push(group);
  }
  return groups;
}

/** An empty set of processes, to be filled by `reconcile`. */
export function createProcesses(around: Omit<Surroundings, "whenHealthy" | "changed">): Processes {
  const kept = new Map<string, Kept>();
  const events = new EventEmitter().setMaxListeners(0);

  const waitHealthy = async (names: string[], signal: AbortSignal): Promise<void> => {
    const missing = () => names.filter((name) => kept.get(name)?.status().state !== "healthy");
    while (missing().length > 0) {
      if (signal.aborted) throw new Error(`stopped while waiting for ${missing().join(", ")}`);
      await pause(20, signal);
    }
  };

  const surroundings: Surroundings = {
    ...around,
    whenHealthy: waitHealthy,
    changed: (status) => events.emit("change", status),
  };

  const endLeftovers = async (specs: ProcessSpec[]) => {
    const wished = new Set(specs.map((spec) => spec.name));
    for (const name of around.record.names().filter((n) => !wished.has(n))) {
      const entry = around.record.get(name);
      if (entry && isAlive(entry)) await endProcess(entry, 5000);
      around.record.set(name, undefined);
    }
  };

  return {
    reconcile: async (specs) => {
      const wished = new Map(specs.map((spec) => [spec.name, spec]));
      const outdated = [...kept.values()].filter((one) => {
        const spec = wished.get(one.spec.name);
        return !spec || hashSpec(spec) !== one.specHash;
      });
      await Promise.all(
        outdated.map(async (one) => {
          await one.stop(true);
          kept.delete(one.spec.name);
        }),
      );
      await endLeftovers(specs);
      for (const spec of specs.filter((s) => !kept.has(s.name)))
        kept.set(spec.name, keepAlive(spec, surroundings));
    },
    statuses: () => [...kept.values()].map((one) => one.status()),
    subscribe: (hear) => {
      events.on("change", hear);
      return () => events.off("change", hear);
    },
    waitHealthy,
    stop: async () => {
      for (const group of stopOrder([...kept.values()].map((one) => one.spec))) {
        await Promise.all(group.map((name) => kept.get(name)?.stop(true)));
      }
    },
  };
}
