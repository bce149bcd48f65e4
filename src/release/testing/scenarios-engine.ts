import { rewrite } from "./fleet.ts";
import { wakeMoved } from "./happen.ts";
import { askFor } from "./people.ts";
import { ends, findBundle, releaseBoth, releaseOf, type Scenario } from "./scenario.ts";

/** What goes wrong with engines, the fleet repo and people. */
export const engineScenarios: readonly Scenario[] = [
  {
    name: "push race and rewritten history",
    engines: 3,
    faults: { lostAnswers: true },
    setup: (world) => releaseBoth(world),
    interfere: (world) => {
      // The commit that brought the release stays: without it there is none.
      if (!world.random.oneIn(60) || world.fleet.branch.length < 6) return;
      rewrite(world.fleet, 1 + world.random.below(3));
      world.meddled = true;
      wakeMoved(world);
    },
    expect: (world) => ends(world, "succeeded", 2),
  },
  {
    name: "abort during promotion",
    setup: (world) => releaseBoth(world),
    interfere: (world) => {
      const release = releaseOf(world);
      if (release?.phase !== "running" || !findBundle(world, ({ phase }) => phase === "Promoting")) return;
      if (world.random.oneIn(3)) askFor(world, release.id, { kind: "abort" }, "ann");
    },
    expect: (world) => {
      const aborted = releaseOf(world)?.phase === "aborted";
      return aborted ? ends(world, "aborted", 1) : ends(world, "succeeded", 2);
    },
  },
  {
    name: "later wave seeing the first wave's old status",
    faults: { staleViews: true },
    setup: (world) => {
      const gates = [
        { id: "errors", type: "promql" as const, query: "errors", max: 1, scope: "wave" as const },
      ];
      releaseBoth(world, undefined, gates, { timeoutMs: 7_200_000 });
      releaseBoth(world, { kind: "metric" }, gates);
    },
    ticks: 900,
    expect: (world) => {
      const second = releaseOf(world, 1);
      const moved = world.fleet.branch.some(
        ({ action }) => action?.release.id === "r2" && (action.release.log.at(-1)?.wave ?? 0) > 0,
      );
      if (moved) return ["the second wave of the bad release began"];
      return second?.phase === "rolledBack" ? ends(world, "succeeded", 2) : [`r2 is ${second?.phase}`];
    },
  },
  {
    name: "engine killed while pushing",
    engines: 3,
    faults: { kills: true, lostAnswers: true },
    setup: (world) => releaseBoth(world),
    interfere: (world) => {
      const pushing = world.engines.find(({ stage }) => stage === "push");
      if (pushing && world.random.oneIn(4))
        Object.assign(pushing, { alive: false, stage: "read", actions: [], again: undefined });
    },
    expect: (world) => ends(world, "succeeded", 2),
  },
];
