import type { Gate } from "./gate.ts";
import type { GateSeen, Observed } from "./observed.ts";
import type { Release, Wave } from "./release.ts";
import { elapsed, minutesOpen } from "./time.ts";

/** Gates that ask another system; the others follow from the release file and the clock. */
export type AskedGate = Extract<Gate, { type: "promql" | "burnRate" | "http" }>;

export function isAsked(gate: Gate): gate is AskedGate {
  return gate.type === "promql" || gate.type === "burnRate" || gate.type === "http";
}

export function waveOf(release: Release): Wave {
  const wave = release.waves[release.wave];
  if (!wave) throw new RangeError(`release ${release.id} has no wave ${release.wave}`);
  return wave;
}

/** The clusters that a gate's query is asked of: those of the wave, or of all waves, that were told to move. */
export function clustersAsked(release: Release, gate: AskedGate): string[] {
  if (gate.type === "http") return [];
  const all =
    gate.scope === "wave" ? waveOf(release).clusters : release.waves.flatMap((wave) => wave.clusters);
  return all.filter((cluster) => ["updating", "updated"].includes(release.clusters[cluster]?.state ?? ""));
}

/** A wave's gates are asked as soon as one of its clusters was told to move: a failure halts at any time. */
export function gatesAsked(release: Release): AskedGate[] {
  const told = waveOf(release).clusters.some((cluster) =>
    ["updating", "updated", "away"].includes(release.clusters[cluster]?.state ?? "waiting"),
  );
  return told ? waveOf(release).gates.filter(isAsked) : [];
}

/** Answers to the gate as it was asked at the release's present wave and step, and of clusters that it is asked of. */
export function answersTo(release: Release, gate: AskedGate, { gates }: Observed): GateSeen[] {
  return gates.filter(
    (answer) =>
      answer.gate === gate.id &&
      answer.release === release.id &&
      answer.wave === release.wave &&
      answer.step === release.step,
  );
}

/** Every question was answered by yes. Where no cluster is left to ask, a person said so by resuming without them. */
function allHold(release: Release, gate: AskedGate, seen: Observed): boolean {
  const answers = answersTo(release, gate, seen);
  if (answers.some(({ result }) => result !== "holds")) return false;
  if (gate.type === "http") return answers.length > 0;
  const answered = new Set(answers.map(({ cluster }) => cluster));
  return clustersAsked(release, gate).every((cluster) => answered.has(cluster));
}

/** Who has said yes to an approval of the present wave, and may. */
export function approversOf(release: Release, gate: Extract<Gate, { type: "approval" }>): Set<string> {
  const { approvals, wave } = release;
  return new Set(
    approvals
      .filter((one) => one.gate === gate.id && one.wave === wave && mayApprove(release, one.by, gate))
      .map(({ by }) => by),
  );
}

/** An empty list of approvers means everybody; a gate's own list narrows it down. */
export function mayApprove(
  { policy }: Release,
  by: string,
  gate?: Extract<Gate, { type: "approval" }>,
): boolean {
  const right = policy.approvers.length === 0 || policy.approvers.includes(by);
  return right && (gate?.by === undefined || gate.by.includes(by));
}

/** Whether the gate holds. It counts from when every cluster of the wave was proven; before, none does. */
export function holds(release: Release, gate: Gate, seen: Observed, now: number): boolean {
  if (release.provenAt === undefined) return false;
  switch (gate.type) {
    case "soak":
      return elapsed(release.provenAt, now) >= gate.ms;
    case "hours":
      return minutesOpen(gate, now) !== undefined;
    case "approval":
      return approversOf(release, gate).size >= gate.count;
    default:
      return allHold(release, gate, seen);
  }
}

/** Since when (epoch milliseconds) a gate of time holds, as far as it can be told: soaks and hours. */
export function heldSince(release: Release, gate: Gate, now: number): number {
  if (gate.type === "soak") return Date.parse(release.provenAt ?? "") + gate.ms;
  if (gate.type === "hours") return now - (minutesOpen(gate, now) ?? 0) * 60_000;
  return 0;
}
