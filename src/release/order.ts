import { movesOf } from "./pairs.ts";
import type { Phase, Release } from "./release.ts";
import { isHotfix } from "./time.ts";

const ends: ReadonlySet<Phase> = new Set(["succeeded", "rolledBack", "halted", "aborted", "superseded"]);

export function isOver({ phase }: Release): boolean {
  return ends.has(phase);
}

/** It has begun and is not over. */
export function isMoving(release: Release): boolean {
  return release.phase !== "queued" && !isOver(release);
}

/**
 * It failed, and nobody has said that they saw it. A release that was aborted or rolled back by a person does not wait
 * for this: that person has seen it.
 */
export function isUnseenFailure({ phase, acknowledged }: Release): boolean {
  return (phase === "rolledBack" || phase === "halted") && acknowledged === undefined;
}

/** It ended without success, and its clusters went back, were left where they were, or were never told of it. */
export function endedWithout({ phase }: Release): boolean {
  return phase === "rolledBack" || phase === "halted" || phase === "aborted";
}

/** They move one bundle. What a superseded release still takes back counts only where it takes it back. */
export function conflict(a: Release, b: Release): boolean {
  if (a.id === b.id) return false;
  const bundles = new Set(a.moves.map(({ bundle }) => bundle));
  const shared = b.moves.filter(({ bundle }) => bundles.has(bundle));
  if (a.becomes !== "superseded" && b.becomes !== "superseded") return shared.length > 0;
  return shared.some(({ bundle, clusters }) =>
    clusters.some((cluster) => movesOf(a, cluster).some((move) => move.bundle === bundle)),
  );
}

/** The order of the queue: the higher priority, then who came first, then by id, so that all engines agree. */
function isAheadOf(a: Release, b: Release): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  return a.startedAt === b.startedAt ? a.id < b.id : a.startedAt < b.startedAt;
}

/** A hotfix takes over what a release of lower priority moves. */
function overtakes(hotfix: Release, other: Release): boolean {
  return isHotfix(hotfix) && hotfix.priority > other.priority;
}

/** What keeps a queued release from its turn; what it overtakes does not. */
export function blockerOf(release: Release, releases: readonly Release[]): Release | undefined {
  return releases.find((other) => {
    if (!conflict(release, other)) return false;
    if (isUnseenFailure(other)) return true;
    if (isMoving(other)) return !overtakes(release, other) || other.becomes === "superseded";
    return other.phase === "queued" && isAheadOf(other, release);
  });
}

/** It is this queued release's turn, freezes aside. */
function isNext(release: Release, releases: readonly Release[]): boolean {
  return release.phase === "queued" && blockerOf(release, releases) === undefined;
}

/** It is its turn, and whatever it overtakes has given way. */
export function mayStart(release: Release, releases: readonly Release[]): boolean {
  return isNext(release, releases) && !releases.some((other) => isMoving(other) && conflict(release, other));
}

/**
 * The hotfix that takes over what this release moves. One that is queued gives way only to a later one: it was made
 * without knowing of the hotfix.
 */
export function takenOverBy(release: Release, releases: readonly Release[]): Release | undefined {
  if (isOver(release) || release.becomes === "superseded") return undefined;
  return releases.find((other) => {
    if (!overtakes(other, release) || !conflict(other, release)) return false;
    if (release.phase !== "queued") return isNext(other, releases);
    return release.startedAt <= other.startedAt && (isMoving(other) || isNext(other, releases));
  });
}

/** The hotfix during which this release starts no new clusters, although they share nothing. */
export function heldBy(release: Release, releases: readonly Release[]): Release | undefined {
  return releases.find(
    (other) =>
      other.id !== release.id &&
      overtakes(other, release) &&
      (other.phase === "running" || other.phase === "paused" || isNext(other, releases)),
  );
}
