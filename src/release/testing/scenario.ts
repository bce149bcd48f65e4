import type { Gate } from "../gate.ts";
import type { Release, Wave } from "../release.ts";
import type { BundleState, ClusterState } from "./cluster-state.ts";
import { wake } from "./happen.ts";
import { addRelease, approvers } from "./make.ts";
import type { Faults, Setting } from "./setting.ts";
import type { Badness, World } from "./world.ts";

/** One thing that goes wrong in the field, at another moment with each seed. */
export interface Scenario {
  name: string;
  faults?: Partial<Faults>;
  engines?: number;
  onFailure?: Setting["onFailure"];
  /** Things that happen while the scenario may interfere. */
  ticks?: number;
  setup: (world: World) => void;
  /** What goes wrong; asked after each thing that happens. */
  interfere?: (world: World) => void;
  /** What must have come of it, beside the laws; each string is a complaint. */
  expect: (world: World) => string[];
}

/** A release of both apps at a new version on all clusters, in two waves. */
export function releaseBoth(world: World, bad?: Badness, gates: Gate[] = [], more: Partial<Wave> = {}): void {
  const version = world.nextVersion++;
  const wanted = world.kinds.map((kind) => ({ kind, version, clusters: world.names }));
  if (bad) for (const { name } of world.kinds) world.bad.set(`${name}:${version}`, bad);
  const limits = { gates, concurrency: 2, maxUnavailable: 0, timeoutMs: 600_000, ...more };
  const halves = [world.names.slice(0, 3), world.names.slice(3)];
  const waves = halves.map((clusters, i) => ({ name: `w${i}`, clusters, ...limits }));
  const { onFailure } = world.setting;
  addRelease(world, { wanted, waves, policy: { onFailure, approvers, awayAfterMs: 60_000, freezes: [] } });
}

export function releaseOf(world: World, i = 0): Release | undefined {
  return world.fleet.head.releases[i];
}

/** The first bundle on a cluster for which something holds, and its cluster. */
export function findBundle(
  world: World,
  holds: (own: BundleState, cluster: ClusterState) => boolean,
): { own: BundleState; cluster: ClusterState } | undefined {
  for (const cluster of world.clusters.values()) {
    const own = cluster.bundles.find((one) => holds(one, cluster));
    if (own) return { own, cluster };
  }
  return undefined;
}

/** A cluster and something of it changed: it may do something now. */
export function touch(world: World, cluster: ClusterState, change: Partial<ClusterState>): void {
  Object.assign(cluster, change);
  wake(world, cluster.name);
}

/** The release ended like this, and every cluster serves this version of both apps. */
export function ends(world: World, phase: Release["phase"], version: number, i = 0): string[] {
  const release = releaseOf(world, i);
  const wrong = [...world.clusters.values()].flatMap(({ name, bundles }) =>
    bundles
      .filter(({ primary }) => primary !== version)
      .map(({ bundle, primary }) => `${name} serves ${bundle} ${primary}`),
  );
  return release?.phase === phase
    ? wrong
    : [`${release?.id} is ${release?.phase}: ${release?.reason}`, ...wrong];
}

/** No cluster of the second wave was ever told to move. */
export function firstWaveOnly(world: World): string[] {
  const told = world.fleet.branch.flatMap(({ action }) => action?.release.log.at(-1)?.wave ?? 0);
  return told.some((wave) => wave > 0) ? ["the second wave began"] : [];
}
