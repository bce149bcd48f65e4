import { type Problem, problem } from "../util/errors.ts";
import type { Observed } from "./observed.ts";
import { blockerOf, isMoving, isOver, isUnseenFailure } from "./order.ts";
import { clustersOf, foreignBundles, movesOf } from "./pairs.ts";
import { missing } from "./proof.ts";
import type { Release } from "./release.ts";
import { elapsed, freezeOf, lastStepAt } from "./time.ts";

/** What keeps releases from going on and needs a person, or time; told by `release status`, decided by nobody. */
export function concerns(releases: readonly Release[], seen: Observed, now: number): Problem[] {
  return releases
    .filter((release) => !isOver(release))
    .flatMap((release) => [
      ...frozen(release, now),
      ...blocked(release, releases),
      ...(isMoving(release) ? [...byHand(release, seen), ...early(release, now)] : []),
      ...(release.phase === "returning" ? notBack(release, seen, now) : []),
    ]);
}

/** The problem of a release that may not move at this time; also for whoever starts one. */
export function frozen(release: Release, now: number): Problem[] {
  if (release.phase === "returning") return [];
  const freeze = freezeOf(release, now);
  if (!freeze) return [];
  return [
    problem("LF4026", {
      what: `${release.id} is frozen until ${freeze.until}`,
      why: freeze.reason,
      fix: "wait, or start it as a hotfix when it cannot: landfall release start --hotfix",
    }),
  ];
}

function blocked(release: Release, releases: readonly Release[]): Problem[] {
  const blocker = release.phase === "queued" ? blockerOf(release, releases) : undefined;
  if (!blocker || !isUnseenFailure(blocker)) return [];
  return [
    problem("LF4028", {
      what: `${release.id} waits until somebody has seen why ${blocker.id} failed`,
      why: blocker.reason ?? "it failed",
      fix: `landfall release history ${blocker.id}, then landfall release acknowledge ${blocker.id}`,
    }),
  ];
}

function byHand(release: Release, seen: Observed): Problem[] {
  return clustersOf(release).flatMap((cluster) =>
    foreignBundles(release, seen, cluster).map((bundle) =>
      problem("LF4027", {
        what: `${bundle} on ${cluster} was pointed at other content than ${release.id} told it`,
        why: "somebody committed it to the fleet repo; landfall does not overwrite what it did not write",
        fix: `revert that commit (git log -- clusters/${cluster}), or landfall release abort ${release.id} and start again`,
        where: { file: `clusters/${cluster}/artifacts.json` },
      }),
    ),
  );
}

/** How far clocks may be apart before it is told. */
const skewMs = 60_000;

/** The last step is of a time that has not come here: everything that counts from it waits until then. */
function early(release: Release, now: number): Problem[] {
  const at = lastStepAt(release);
  const by = release.log.at(-1)?.by;
  if (Date.parse(at) - now <= skewMs) return [];
  return [
    problem("LF4037", {
      what: `the last step of ${release.id} is of ${at}, which is still to come here`,
      why: `the clock of the engine that wrote it${by ? ` (${by})` : ""} is fast, or this one is slow`,
      fix: "set both by NTP; until then a release waits longer, and does nothing early",
    }),
  ];
}

/** How long a way back may take before it is told; it goes on until it is proven. */
function notBack(release: Release, seen: Observed, now: number): Problem[] {
  const limit = release.waves[release.wave]?.timeoutMs ?? 0;
  return (release.returns ?? []).flatMap((cluster) => {
    const progress = release.clusters[cluster];
    if (progress?.state !== "returning" || elapsed(progress.since, now) <= limit) return [];
    const why = movesOf(release, cluster)
      .map(({ bundle, back }) => [bundle, missing(back, seen.clusters[cluster]?.bundles[bundle])])
      .find(([, open]) => open !== undefined);
    return [
      problem("LF4029", {
        what: `${cluster} is not back at the last good version`,
        why: why ? `${why[0]}: ${why[1]}` : "it does not answer",
        fix: `look at Flux and the pods there (landfall status ${cluster}); the release goes on by itself once it is well`,
      }),
    ];
  });
}
