import { movesOf } from "../pairs.ts";
import type { Release } from "../release.ts";
import { isServing } from "./cluster-state.ts";
import type { Landed } from "./landed.ts";
import { heldBy } from "./versions.ts";
import type { World } from "./world.ts";

/** A cluster that is called updated has served exactly the new version since it was told to. */
export function provenServes({ world, was, is }: Landed): string | undefined {
  for (const [name, { state }] of Object.entries(is.clusters)) {
    if (state !== "updated" || was.clusters[name]?.state === "updated") continue;
    const cluster = world.clusters.get(name);
    for (const { bundle, to } of movesOf(is, name)) {
      const own = cluster?.bundles.find((one) => one.bundle === bundle);
      const version = Number(to.workloads[0]?.template?.split(":")[1]);
      if (own && !isServing(own, version) && own.served[version] === undefined) {
        return `${name} has never served ${bundle} ${version}`;
      }
    }
  }
  return undefined;
}

/** A cluster that is called back has served the last good version since it was told to go back. */
export function returnedServes({ world, was, is, at }: Landed): string | undefined {
  const skew = 2000 * world.setting.skew;
  for (const [name, { state }] of Object.entries(is.clusters)) {
    if (state === "returning")
      world.toldBack.set(`${is.id}|${name}`, world.toldBack.get(`${is.id}|${name}`) ?? at);
    if (state !== "returned" || was.clusters[name]?.state === "returned") continue;
    const told = world.toldBack.get(`${is.id}|${name}`) ?? 0;
    for (const { bundle, from } of movesOf(is, name)) {
      const own = world.clusters.get(name)?.bundles.find((one) => one.bundle === bundle);
      const version = heldBy(from.revision).version;
      if (own && !isServing(own, version) && (own.served[version] ?? 0) + skew < told) {
        return `${name} has not served ${bundle} ${version} since it was told to`;
      }
    }
  }
  return undefined;
}

/** Clusters told to move that have not served the new version since, and count as reachable. */
export function withinConcurrency({ world, is, action }: Landed): string | undefined {
  if (action.kind !== "advance") return undefined;
  const limit = is.waves[is.wave]?.concurrency ?? 0;
  const moving = Object.entries(is.clusters).filter(([name, { state }]) => {
    if (state === "away" || !movesOf(is, name).some((move) => pointsTo(world, name, move))) return false;
    return !movesOf(is, name).every(({ bundle, to }) =>
      hasServed(world, name, bundle, to.workloads[0]?.template),
    );
  });
  return moving.length > limit ? `${moving.length} clusters are on their way, ${limit} may be` : undefined;
}

export function pointsTo({ fleet }: World, name: string, { bundle, to }: Release["moves"][number]): boolean {
  return fleet.head.pointers[name]?.[bundle] === to.revision;
}

function hasServed(world: World, name: string, bundle: string, template: string | undefined): boolean {
  const own = world.clusters.get(name)?.bundles.find((one) => one.bundle === bundle);
  return own?.served[Number(template?.split(":")[1])] !== undefined;
}

/** A cluster that is called away or skipped really did not answer, and for as long as it takes. */
export function reachableIsNotAway({ world, was, is }: Landed): string | undefined {
  for (const [name, { state, since }] of Object.entries(is.clusters)) {
    const before = was.clusters[name];
    if ((state !== "away" && state !== "skipped") || !before || before.state === state) continue;
    const cluster = world.clusters.get(name);
    if (cluster?.answers && cluster.downAt === 0) return `${name} has always answered`;
    if (Date.parse(since) - Date.parse(before.since) <= is.policy.awayAfterMs)
      return `${name} counts as away too early`;
  }
  return undefined;
}
