import type { Release } from "./release.ts";
import type { Change, State } from "./step.ts";

const told: ReadonlySet<State> = new Set(["updating", "updated", "away"]);

/** The cluster was told to move, and may be at the new version. */
export function isTold(release: Release, cluster: string): boolean {
  return told.has(release.clusters[cluster]?.state ?? "waiting");
}

/** Clusters that go back when the release fails: by policy all, those of the failing waves, or none. */
export function failing(release: Release, failed: readonly string[]): string[] {
  const { waves, wave, policy } = release;
  if (policy.onFailure === "none") return [];
  return waves
    .filter(
      (own, i) =>
        policy.onFailure === "all" || i === wave || own.clusters.some((name) => failed.includes(name)),
    )
    .flatMap(({ clusters }) => clusters)
    .filter((cluster) => isTold(release, cluster));
}

/** What a release is once it goes back. The clusters are told in the next step. */
export function goingBack(
  becomes: NonNullable<Release["becomes"]>,
  returns: readonly string[],
): NonNullable<Change["set"]> {
  return {
    phase: "returning",
    becomes,
    returns: [...returns],
    pausedFor: undefined,
    without: undefined,
    provenAt: undefined,
    settled: false,
  };
}

/** No cluster is at the new version, nor may be. */
export function nothingMoved(release: Release): boolean {
  return Object.values(release.clusters).every(({ state }) => state === "waiting" || state === "skipped");
}
