import { pass } from "./happen.ts";
import { makeWorld } from "./make-world.ts";
import { becomeQuiet } from "./quiet.ts";
import { clustersGoOn, engineGoesOn } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { clusterScenarios } from "./scenarios-cluster.ts";
import { deliveryScenarios } from "./scenarios-delivery.ts";
import { engineScenarios } from "./scenarios-engine.ts";
import type { Faults } from "./setting.ts";

export const scenarios: readonly Scenario[] = [...clusterScenarios, ...deliveryScenarios, ...engineScenarios];

const nothing: Faults = {
  outages: false,
  kills: false,
  lostAnswers: false,
  staleViews: false,
  controllers: false,
  hands: false,
  people: false,
  badVersions: false,
  freezes: false,
  hotfixes: false,
};

/** Six clusters in two waves, an app with a canary and one without. Gives what is wrong with the outcome. */
export function runScenario(scenario: Scenario, seed: number): string[] {
  const { faults, engines = 2, onFailure = "all", ticks = 500 } = scenario;
  const counts = { clusters: 6, bundles: 2, waves: 2, releases: 2, engines, skew: 0, ticks };
  const world = makeWorld({ seed, ...counts, onFailure, faults: { ...nothing, ...faults } });
  for (const [i, kind] of world.kinds.entries()) kind.canary = i === 0;
  for (const { bundles } of world.clusters.values()) {
    for (const own of bundles)
      Object.assign(own, { canary: own.bundle === "app0", phase: own.bundle === "app0" ? "Succeeded" : "" });
  }
  scenario.setup(world);
  for (let tick = 0; tick < ticks && world.violations.length === 0; tick++) {
    pass(world, world.random.below(2500));
    if (world.random.oneIn(2)) clustersGoOn(world);
    else engineGoesOn(world);
    scenario.interfere?.(world);
  }
  if (world.violations.length === 0) becomeQuiet(world);
  return [...world.violations, ...(world.violations.length === 0 ? scenario.expect(world) : [])];
}
