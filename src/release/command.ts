import type { Problem } from "../util/errors.ts";
import type { Action } from "./action.ts";
import { approve } from "./approve.ts";
import { noRight, noSuch, nothingToLeave, overwritten, wrongPhase } from "./command-problems.ts";
import { mayApprove, waveOf } from "./gates.ts";
import { failing, goingBack, isTold, nothingMoved } from "./going-back.ts";
import { isOver, isUnseenFailure } from "./order.ts";
import { clustersOf, movesOf } from "./pairs.ts";
import type { Phase, Release } from "./release.ts";
import { type Change, step } from "./step.ts";
import { begunAt, iso } from "./time.ts";

/** What a person may ask of a release. */
export type Command =
  | { kind: "approve"; gate?: string }
  | { kind: "pause" | "resume" | "abort" | "rollback" | "acknowledge" };

/** Who asks, as they sign their commits, and when in epoch milliseconds. */
export interface Asker {
  by: string;
  at: number;
}

type Answer = Action | Problem;
interface Asked extends Asker {
  release: Release;
  releases: readonly Release[];
}

/** What a person asks for, as a step like the engine's own, to commit in the same way; or why it cannot be. */
export function command(releases: readonly Release[], id: string, asked: Command, who: Asker): Answer {
  const release = releases.find((own) => own.id === id);
  if (!release) return noSuch(releases, id);
  const cx = { ...who, release, releases };
  switch (asked.kind) {
    case "approve":
      return approve(release, asked.gate, who.by, who.at);
    case "pause":
      return change(cx, "pause", ["running", "paused"], { set: { phase: "paused", pausedFor: "person" } });
    case "resume":
      return change(cx, "resume", ["paused"], { set: resumed(release) });
    case "abort":
      return abort(cx);
    case "rollback":
      return rollback(cx);
    case "acknowledge":
      return acknowledge(cx);
  }
}

/** A step that is allowed in some phases alone. */
function change(
  { release, by, at }: Asked,
  kind: Action["kind"],
  phases: readonly Phase[],
  with_: Change,
): Answer {
  if (!phases.includes(release.phase)) return wrongPhase(release, kind);
  return step(kind, release, at, { ...with_, by });
}

/** A person may go on without the clusters of the wave that are away now. */
function resumed(release: Release): NonNullable<Change["set"]> {
  const away = waveOf(release).clusters.filter((cluster) =>
    ["away", "skipped"].includes(release.clusters[cluster]?.state ?? ""),
  );
  return { phase: "running", pausedFor: undefined, ...(away.length > 0 ? { without: away.length } : {}) };
}

/** It ends, and by its policy what moved goes back. One that never moved anything ends at once. */
function abort(cx: Asked): Answer {
  const { release } = cx;
  const returns = failing(release, []);
  const phases: Phase[] = ["queued", "running", "paused"];
  const reason = `aborted by ${cx.by}`;
  if (returns.length > 0)
    return change(cx, "abort", phases, { set: { ...goingBack("aborted", returns), reason } });
  if (release.phase !== "queued" && nothingMoved(release)) {
    return change(cx, "abort", phases, { set: { ...goingBack("aborted", []), reason } });
  }
  // One that waits for its turn owns no pointer: what clusters read is another's.
  const set = { phase: "aborted" as const, pausedFor: undefined, provenAt: undefined, reason };
  return change(cx, "abort", phases, { set: { ...set, settled: release.phase === "queued" } });
}

/** Everything goes back to the last good version, also after it succeeded: as long as nothing newer moved there. */
function rollback(cx: Asked): Answer {
  const { release, releases, by, at } = cx;
  const { id } = release;
  if (release.phase === "returning" || release.phase === "superseded") return wrongPhase(release, "rollback");
  const all = release.phase === "succeeded";
  const sent = isOver(release) ? (release.returns ?? []) : [];
  const returns = clustersOf(release).filter(
    (cluster) => all || (isTold(release, cluster) && !sent.includes(cluster)),
  );
  if (returns.length === 0) return nothingToLeave(release);
  const newer = releases.find(
    (own) => own.id !== id && begunAt(own) > begunAt(release) && sharesPair(own, release),
  );
  if (newer) return overwritten(release, newer);
  const reason = `rolled back by ${by}`;
  const acknowledged = { by, at: iso(at) };
  return step("rollback", release, at, {
    set: { ...goingBack("rolledBack", returns), reason, acknowledged },
    by,
  });
}

function sharesPair(a: Release, b: Release): boolean {
  return a.moves.some(({ bundle, clusters }) =>
    clusters.some((cluster) => movesOf(b, cluster).some((move) => move.bundle === bundle)),
  );
}

function acknowledge(cx: Asked): Answer {
  const { release, by, at } = cx;
  if (!isUnseenFailure(release)) return wrongPhase(release, "acknowledge");
  if (!mayApprove(release, by)) return noRight(release, by);
  return step("acknowledge", release, at, { set: { acknowledged: { by, at: iso(at) } }, by });
}
