import { movesOf } from "../pairs.ts";
import type { Release } from "../release.ts";
import type { Landed } from "./landed.ts";
import { heldBy } from "./versions.ts";
import type { World } from "./world.ts";

/** The version of a bundle that was last good on a cluster, by what really came of releases. */
export function goodOf({ good }: World, cluster: string, bundle: string): number {
  return good.get(`${cluster}|${bundle}`) ?? 1;
}

const ends = new Set(["succeeded", "rolledBack", "halted", "aborted", "superseded"]);

/** A release starts from what is really good, and where it ends well its version is. */
export function startsFromGood({ world, was, is, action }: Landed): string | undefined {
  const wrong = action.kind === "start" && !world.meddled ? notGood(world, was) : undefined;
  if (!ends.has(is.phase) && is.becomes !== "superseded") return wrong;
  if (was.phase === "queued") return wrong;
  for (const name of Object.keys(was.clusters)) note(world, was, is, name);
  return wrong;
}

function note({ good }: World, was: Release, is: Release, name: string): void {
  const back = was.returns?.includes(name) === true;
  const kept = was.clusters[name]?.state === "updated" && !back;
  for (const { bundle, from, to, clusters } of movesOf(was, name)) {
    const elsewhere =
      is.phase === "succeeded" && clusters.some((other) => is.clusters[other]?.state === "updated");
    const goesBack =
      back || (is.becomes === "superseded" && movesOf(is, name).some((move) => move.bundle === bundle));
    if (goesBack) good.set(`${name}|${bundle}`, heldBy(from.revision).version);
    else if (kept || elsewhere) good.set(`${name}|${bundle}`, heldBy(to.revision).version);
  }
}

function notGood(world: World, release: Release): string | undefined {
  for (const name of Object.keys(release.clusters)) {
    for (const { bundle, from } of movesOf(release, name)) {
      const last = goodOf(world, name, bundle);
      const { version } = heldBy(from.revision);
      if (version !== last) return `${bundle} on ${name} starts from ${version}, ${last} is good`;
    }
  }
  return undefined;
}
