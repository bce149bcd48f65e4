import { isServing } from "./cluster-state.ts";
import { ends, findBundle, firstWaveOnly, releaseBoth, releaseOf, type Scenario, touch } from "./scenario.ts";
import type { World } from "./world.ts";

/** Once a run, when its moment has come: true while it has not. */
const done = new WeakSet<World>();

function once(world: World, act: () => boolean): void {
  if (!done.has(world) && act()) done.add(world);
}

/** What goes wrong on a cluster: controllers, objects, Flagger. */
export const clusterScenarios: readonly Scenario[] = [
  {
    name: "controller killed mid-upgrade",
    setup: (world) => releaseBoth(world),
    interfere: (world) => {
      const found = findBundle(world, ({ target, primary }) => target !== primary);
      if (found && world.random.oneIn(12)) touch(world, found.cluster, { flux: false, flagger: false });
      const down = findBundle(world, (_, { flux }) => !flux);
      if (down && world.random.oneIn(12)) touch(world, down.cluster, { flux: true, flagger: true });
    },
    expect: (world) => ends(world, "succeeded", 2),
  },
  {
    name: "success with the status lost",
    setup: (world) => releaseBoth(world),
    interfere: (world) => {
      const found = findBundle(
        world,
        ({ applied, attempted }) => applied === attempted && attempted.includes("-2"),
      );
      if (!found || !world.random.oneIn(30)) return;
      found.own.applied = `latest@sha256:${found.own.bundle}-1`;
      touch(world, found.cluster, {});
    },
    expect: (world) => ends(world, "succeeded", 2),
  },
  {
    name: "object deleted out of band",
    setup: (world) => releaseBoth(world, undefined, [{ id: "soak", type: "soak", ms: 20_000 }]),
    interfere: (world) => {
      const release = releaseOf(world);
      const found = findBundle(
        world,
        ({ gone }, { name }) => !gone && release?.clusters[name]?.state === "updated",
      );
      if (!found || release?.phase !== "running" || !world.random.oneIn(15)) return;
      Object.assign(found.own, { gone: true, finished: false });
      touch(world, found.cluster, {});
    },
    expect: (world) => ends(world, "succeeded", 2),
  },
  {
    name: "canary passes but promotion fails",
    setup: (world) => {
      releaseBoth(world);
      world.bad.set("app0:2", { kind: "promotion", clusters: new Set(["c1"]) });
    },
    expect: (world) => [...ends(world, "rolledBack", 1), ...firstWaveOnly(world)],
  },
  {
    name: "primary broken at start",
    setup: (world) => {
      const own = world.clusters.get("c1")?.bundles[0];
      if (own) Object.assign(own, { broken: true, finished: false });
      releaseBoth(world);
    },
    interfere: (world) => {
      const own = world.clusters.get("c1")?.bundles[0];
      const state = releaseOf(world)?.clusters.c1?.state;
      if (own?.broken && (state === "updated" || state === "returned"))
        world.violations.push(`c1 counts as ${state}`);
      // Nobody repairs it before the release has given up.
      if (world.random.oneIn(40) && own?.broken) world.now += 300_000;
      if (own?.broken && state === "returning" && world.random.oneIn(30)) repair(world);
    },
    ticks: 1500,
    expect: (world) => [...ends(world, "rolledBack", 1), ...firstWaveOnly(world)],
  },
  {
    name: "a poison object that crash-loops a controller",
    setup: (world) => releaseBoth(world, { kind: "poison", clusters: new Set(["c0", "c4"]) }),
    expect: (world) => [...ends(world, "rolledBack", 1), ...firstWaveOnly(world)],
  },
  {
    name: "controller silently stopped",
    setup: (world) => {
      const cluster = world.clusters.get("c2");
      if (cluster) touch(world, cluster, { flux: false });
      world.sick.add("c2");
      releaseBoth(world);
    },
    interfere: (world) => {
      const state = releaseOf(world)?.clusters.c2?.state;
      if (state === "updated" || (state === "returned" && world.sick.has("c2"))) {
        world.violations.push(`c2 counts as ${state}`);
      }
      // Nobody starts it again before the release has given up.
      if (world.random.oneIn(40) && world.sick.has("c2")) world.now += 300_000;
      const cluster = world.clusters.get("c2");
      if (state !== "returning" || !cluster || !world.random.oneIn(30)) return;
      world.sick.delete("c2");
      touch(world, cluster, { flux: true });
    },
    ticks: 1500,
    expect: (world) => [...ends(world, "rolledBack", 1), ...firstWaveOnly(world)],
  },
  {
    name: "rename that would prune",
    setup: (world) => releaseBoth(world),
    interfere: (world) => {
      // Flux prunes the old name and is Ready before the new one is up.
      const found = findBundle(
        world,
        ({ gone, target, primary, finished }) => !gone && target === 2 && primary === 1 && finished,
      );
      once(world, () => {
        if (!found) return false;
        Object.assign(found.own, { gone: true, finished: false, applied: found.own.attempted, ready: true });
        touch(world, found.cluster, {});
        return true;
      });
      const wrong = findBundle(
        world,
        (own, { name }) =>
          own.gone &&
          releaseOf(world)?.clusters[name]?.state === "updated" &&
          !isServing(own, 2) &&
          own.served[2] === undefined,
      );
      if (wrong) world.violations.push(`${wrong.cluster.name} counts as updated`);
    },
    expect: (world) => ends(world, "succeeded", 2),
  },
];

function repair(world: World): void {
  const cluster = world.clusters.get("c1");
  if (cluster?.bundles[0]) Object.assign(cluster.bundles[0], { broken: false, finished: true });
  if (cluster) touch(world, cluster, {});
}
