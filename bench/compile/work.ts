/**
 * The work that landfall and its peers do: N apps of five objects each. Pure arithmetic, so that every run and every
 * machine has the same apps; each app calls one other (a tree whose nodes have four callers at most).
 */

import type { AppFacts } from "../../lab/peers/app-facts.ts";

/** The kinds that count as the work; what else a tool writes is not compared. */
export const kinds = ["Deployment", "Service", "ServiceAccount", "HorizontalPodAutoscaler", "NetworkPolicy"];

export const registry = "registry.example.com/shop";

const nameOf = (i: number) => `app-${String(i).padStart(5, "0")}`;
const pick = <T>(values: readonly T[], i: number): T => values[i % values.length] as T;

/** App `i` of `count`. */
function appFacts(i: number, count: number): AppFacts {
  const min = 2 + (i % 3);
  const memory = pick([64, 128, 256], i);
  const callers = [1, 2, 3, 4].map((k) => 4 * i + k).filter((caller) => caller < count);
  return {
    name: nameOf(i),
    version: `1.${i % 40}.${i % 7}`,
    min,
    max: min + 2 + (i % 5),
    cpu: pick(["50m", "100m", "250m"], i),
    memory: `${memory}Mi`,
    memoryLimit: `${2 * memory}Mi`,
    logLevel: pick(["info", "warn", "debug"], i),
    calls: i === 0 ? [] : [nameOf(Math.floor((i - 1) / 4))],
    callers: callers.map(nameOf),
  };
}

/** The whole work, sorted by name. */
export function allApps(count: number): AppFacts[] {
  return Array.from({ length: count }, (_, i) => appFacts(i, count));
}
