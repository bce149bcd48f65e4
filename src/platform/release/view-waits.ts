import type { Gate } from "../../release/gate.ts";
import { holds, isAsked, waveOf } from "../../release/gates.ts";
import type { Observed } from "../../release/observed.ts";
import { blockerOf, heldBy, isUnseenFailure } from "../../release/order.ts";
import { clustersOf } from "../../release/pairs.ts";
import type { Release } from "../../release/release.ts";
import { freezeOf } from "../../release/time.ts";
import { counted } from "../../util/counted.ts";
import { span } from "./view-time.ts";

/** What a release waits for, in words, with the command that goes on where a person can. */
export function waitsFor(
  release: Release,
  releases: readonly Release[],
  { seen, now, engine }: { seen: Observed | undefined; now: number; engine: boolean },
): string[] {
  switch (release.phase) {
    case "queued":
      return [...queuedFor(release, releases, engine), ...frozen(release, now)];
    case "paused":
      return [pausedFor(release)];
    case "returning": {
      const back = (release.returns ?? []).filter((name) => release.clusters[name]?.state === "returned");
      const left = (release.returns ?? []).length - back.length;
      return left > 0 ? [`${counted(left, "cluster")} to be back at the last good version`] : [];
    }
    case "running":
      return runningFor(release, releases, seen, now);
    default:
      return [];
  }
}

function inState(release: Release, state: string): string[] {
  return clustersOf(release).filter((cluster) => release.clusters[cluster]?.state === state);
}

function queuedFor(release: Release, releases: readonly Release[], engine: boolean): string[] {
  const blocker = blockerOf(release, releases);
  // What moves it from here on is no reason to start another engine.
  if (!blocker) return [engine ? "its first step" : "an engine to start it: landfall release run"];
  if (isUnseenFailure(blocker)) {
    return [`somebody to see why ${blocker.title} failed: landfall release acknowledge ${blocker.id}`];
  }
  return [`${blocker.title} (${blocker.id}), which moves the same`];
}

function frozen(release: Release, now: number): string[] {
  const freeze = freezeOf(release, now);
  return freeze ? [`the end of the freeze in ${span(Date.parse(freeze.until) - now)}: ${freeze.reason}`] : [];
}

function pausedFor(release: Release): string {
  const last = release.log.findLast(({ action }) => action === "pause");
  const resume = `landfall release resume ${release.id}`;
  if (release.pausedFor === "person") return `${last?.by ?? "somebody"}, who paused it: ${resume}`;
  if (release.pausedFor === "pointer")
    return `a person: ${last?.why ?? "what clusters read was changed by hand"}`;
  return `clusters that are away (${last?.why ?? "too many"}), or go on without them: ${resume}`;
}

function runningFor(
  release: Release,
  releases: readonly Release[],
  seen: Observed | undefined,
  now: number,
): string[] {
  const hotfix = heldBy(release, releases);
  const moving = inState(release, "updating").length;
  const unseen = waveOf(release).clusters.filter(
    (name) => seen && seen.clusters[name] === undefined && isOut(release.clusters[name]?.state),
  );
  // Before every cluster is proven there is nothing that a gate could be about.
  const gates = seen && release.provenAt !== undefined ? waveOf(release).gates : [];
  const open = gates.filter((gate) => seen && !holds(release, gate, seen, now));
  return [
    ...(hotfix ? [`the hotfix ${hotfix.title}`] : []),
    ...frozen(release, now),
    ...(unseen.length > 0 ? [`an engine that reaches ${someOf(unseen)}`] : []),
    ...(moving > 0 ? [`${counted(moving, "cluster")} to reach the new version`] : []),
    ...open.map((gate) => gateText(release, gate)),
  ];
}

function someOf(names: readonly string[]): string {
  const rest = names.length - 4;
  return `${names.slice(0, 4).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** It still has to move, and to be looked at for that. */
function isOut(state = "waiting"): boolean {
  return state === "waiting" || state === "updating";
}

function gateText({ id }: Release, gate: Gate): string {
  if (gate.type === "approval") return `approval ${gate.id}: landfall release approve ${id}`;
  return isAsked(gate) ? `gate ${gate.id} to say yes` : `gate ${gate.id}`;
}
