import { askFor } from "./people.ts";
import { ends, findBundle, firstWaveOnly, releaseBoth, releaseOf, type Scenario, touch } from "./scenario.ts";

/** What goes wrong between the fleet repo and the objects: sources, admission, earlier failures. */
export const deliveryScenarios: readonly Scenario[] = [
  {
    name: "failed upgrade followed by an empty diff",
    onFailure: "none",
    setup: (world) => releaseBoth(world, { kind: "rollout" }),
    interfere: (world) => {
      // The same version again: for Flux there is nothing to do, and it is Ready with it.
      if (world.made > 1 || releaseOf(world)?.phase !== "halted") return;
      askFor(world, "r1", { kind: "acknowledge" }, "ann");
      world.nextVersion = 2;
      releaseBoth(world, { kind: "rollout" });
    },
    ticks: 900,
    expect: (world) => {
      const again = releaseOf(world, 1);
      if (!again) return ["the first release was not halted in time"];
      const updated = Object.entries(again.clusters).filter(([, { state }]) => state === "updated");
      const wrong = updated.map(([name]) => `${name} counts as updated by the second release`);
      return again.phase === "halted" ? wrong : [`the second release is ${again.phase}`, ...wrong];
    },
  },
  {
    name: "object over 1 MiB",
    setup: (world) => releaseBoth(world, { kind: "refused" }),
    expect: (world) => [...ends(world, "rolledBack", 1), ...firstWaveOnly(world)],
  },
  {
    name: "webhook denying a prune",
    setup: (world) => releaseBoth(world),
    interfere: (world) => {
      const denied = findBundle(world, ({ blocked }) => blocked !== undefined);
      if (denied && world.random.oneIn(8)) {
        denied.own.blocked = undefined;
        touch(world, denied.cluster, {});
      }
      const next = findBundle(world, ({ target, applied }) => target === 2 && applied.endsWith("-1"));
      if (!next || denied || !world.random.oneIn(8)) return;
      next.own.blocked = "admission webhook denied the request: delete";
      touch(world, next.cluster, {});
    },
    expect: (world) => {
      const blocked = findBundle(world, (own) => own.blocked !== undefined);
      if (blocked) return [];
      const failed = releaseOf(world)?.phase === "rolledBack";
      return failed ? ends(world, "rolledBack", 1) : ends(world, "succeeded", 2);
    },
  },
  {
    name: "source artifact gone while Ready",
    setup: (world) => releaseBoth(world),
    interfere: (world) => {
      const gone = findBundle(world, (_, { reads }) => !reads);
      if (gone && world.random.oneIn(40)) touch(world, gone.cluster, { reads: true });
      else if (!gone && world.random.oneIn(20)) {
        const cluster = world.clusters.get(world.random.pick(world.names) ?? "");
        if (cluster) touch(world, cluster, { reads: false });
      }
      const wrong = findBundle(
        world,
        ({ served }, { name }) =>
          releaseOf(world)?.clusters[name]?.state === "updated" && served[2] === undefined,
      );
      if (wrong) world.violations.push(`${wrong.cluster.name} counts as updated`);
    },
    expect: (world) => ends(world, "succeeded", 2),
  },
];
