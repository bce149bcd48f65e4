import type { Gate } from "./gate.ts";
import { clustersAsked, gatesAsked, waveOf } from "./gates.ts";
import { isMoving, isOver } from "./order.ts";
import { clustersOf } from "./pairs.ts";
import type { Release } from "./release.ts";
import { begun } from "./standing.ts";
import { isHotfix, lastStepAt, opensAt } from "./time.ts";

/** A question to ask of a gate; the answer names the same release, wave, gate, step, and the cluster it is of. */
export interface GateQuestion {
  release: string;
  wave: number;
  gate: Gate;
  step: number;
  /** The clusters that a query is asked of; empty for a gate that asks somebody else. */
  clusters: string[];
}

export interface Questions {
  /** Clusters to look at: the others' word changes nothing. */
  clusters: string[];
  gates: GateQuestion[];
  /** When time alone changes what is decided (epoch milliseconds); undefined when it does not. */
  wakeAt: number | undefined;
}

/** What must be looked at before `decide` can say more. */
export function questions(releases: readonly Release[], now: number): Questions {
  const live = releases.filter((release) => !isOver(release));
  const moving = live.filter(isMoving);
  const times = live.flatMap((release) => timesOf(release, now)).filter((time) => time > now);
  return {
    clusters: [...new Set(moving.flatMap(clustersAskedOf))],
    gates: moving.filter(({ phase }) => phase !== "returning").flatMap(gateQuestions),
    wakeAt: times.length > 0 ? Math.min(...times) : undefined,
  };
}

function clustersAskedOf(release: Release): string[] {
  const stands = (cluster: string) => release.clusters[cluster]?.state ?? "waiting";
  if (release.phase === "returning")
    return (release.returns ?? []).filter((cluster) => stands(cluster) !== "returned");
  const present = new Set(waveOf(release).clusters);
  return begun(release).filter((cluster) => present.has(cluster) || stands(cluster) !== "updated");
}

function gateQuestions(release: Release): GateQuestion[] {
  const { id, wave, step } = release;
  return gatesAsked(release).map((gate) => ({
    release: id,
    wave,
    gate,
    step,
    clusters: clustersAsked(release, gate),
  }));
}

/** Moments at which a rule that looks at the clock may change its mind. */
function timesOf(release: Release, now: number): number[] {
  const freezes = isHotfix(release)
    ? []
    : release.policy.freezes.flatMap(({ from, until }) => [Date.parse(from), Date.parse(until)]);
  if (release.phase !== "running" && release.phase !== "paused") return freezes;
  const { timeoutMs, gates } = waveOf(release);
  const late = clustersOf(release)
    .map((cluster) => release.clusters[cluster])
    .flatMap((progress) =>
      progress?.state === "updating" ? [Date.parse(progress.since) + timeoutMs + 1] : [],
    );
  const quiet = Date.parse(lastStepAt(release)) + timeoutMs + 1;
  return [...freezes, ...late, quiet, ...gates.map((gate) => timeOfGate(release, gate, now))];
}

function timeOfGate({ provenAt }: Release, gate: Gate, now: number): number {
  if (provenAt === undefined) return 0;
  if (gate.type === "soak") return Date.parse(provenAt) + gate.ms;
  return gate.type === "hours" ? opensAt(gate, now) : 0;
}
