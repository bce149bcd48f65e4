import fc from "fast-check";
import { honest } from "./make-world.ts";
import type { Mutant } from "./mutate.ts";
import { run } from "./run.ts";
import { settings } from "./setting.ts";

export interface Outcome {
  runs: number;
  /** What was violated, and how to see it again; undefined when nothing was. */
  failure: string | undefined;
  /** Transitions of releases and clusters that happened. */
  transitions: Set<string>;
  /** Commits in all fleets together. */
  commits: number;
}

/** Run settings drawn from a seed until one of them breaks a law. Every `large`-th fleet has a thousand clusters. */
export function check(seed: number, runs: number, large: number, mutant?: Mutant): Outcome {
  const transitions = new Set<string>();
  let commits = 0;
  const property = fc.property(settings(large), (setting) => {
    const world = run(setting, { ...honest, ...mutant?.brain }, mutant?.unlocked);
    for (const transition of world.transitions) transitions.add(transition);
    commits += world.fleet.commits;
    if (world.violations.length > 0) throw new Error(world.violations.slice(0, 3).join("\n"));
  });
  const result = fc.check(property, { numRuns: runs, seed });
  const failure = result.failed
    ? `${result.errorInstance instanceof Error ? result.errorInstance.message : ""}\n${JSON.stringify(result.counterexample?.[0])}`
    : undefined;
  return { runs: result.numRuns, failure, transitions, commits };
}
