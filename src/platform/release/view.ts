/**
 * A release as people and programs read it: where each wave, gate and cluster stands, and what is waited for. Pure:
 * made of the release files, of what was seen, and of the clock.
 */

import type { Gate } from "../../release/gate.ts";
import { approversOf, isAsked } from "../../release/gates.ts";
import type { GateSeen, Observed, WorkloadSeen } from "../../release/observed.ts";
import { movesOf } from "../../release/pairs.ts";
import type { Evidence, Phase, Progress, Release } from "../../release/release.ts";
import { minutesOpen, opensAt } from "../../release/time.ts";
import { counted } from "../../util/counted.ts";
import type { Late } from "./late.ts";
import { ago, span } from "./view-time.ts";
import { waitsFor } from "./view-waits.ts";

/** A metric that judges a canary, with what it is now. */
export interface MetricSeen {
  name: string;
  /** As people read it; "no data" when there is none. */
  value: string;
  limit: string;
  within: boolean;
}

export interface ClusterView {
  name: string;
  state: Progress["state"];
  since: string;
  /** In a few words: `waits`, `canary at 25 %`, `updated 2 min ago`. */
  text: string;
  /** Percent of traffic at the new version, while a canary moves it. */
  weight?: number;
  metrics: MetricSeen[];
  /** Of one that was away when the release ended: how it is since. */
  caughtUp?: Late["is"];
}

export interface GateView {
  id: string;
  type: Gate["type"];
  /** `ahead`: its wave is not there yet. */
  result: GateSeen["result"] | "ahead";
  text: string;
}

export interface WaveView {
  name: string;
  place: "done" | "present" | "ahead";
  clusters: ClusterView[];
  gates: GateView[];
}

export interface ReleaseView {
  id: string;
  title: string;
  phase: Phase;
  /** What becomes of it once all clusters are back. */
  becomes?: string;
  startedBy: string;
  startedAt: string;
  /** `landfall.config.ts:12`, where what is released is declared. */
  declared: string[];
  waves: WaveView[];
  /** What it waits for, each with the command that goes on where there is one. */
  waits: string[];
  reason?: string;
  evidence: Evidence[];
  acknowledged: boolean;
}

/** What is seen beside the engine's own observations, for people alone. */
export interface Extras {
  /** Of canaries that are judged, by cluster. */
  metrics?: Readonly<Record<string, readonly MetricSeen[]>>;
  /** Why clusters do not answer. */
  silence?(cluster: string): string | undefined;
  /** Whoever shows it also moves it. */
  engine?: boolean;
  /** Of releases that are over, by id: the clusters that were away at the end, and how they are since. */
  late?: Readonly<Record<string, readonly Late[]>>;
}

/** One release for people. `seen` may be missing: then what the release file says is all that is known. */
export function viewOf(
  release: Release,
  releases: readonly Release[],
  seen: Observed | undefined,
  now: number,
  extras: Extras = {},
): ReleaseView {
  const { id, title, phase, startedBy, startedAt, reason, evidence, becomes } = release;
  const over = ["succeeded", "rolledBack", "halted", "aborted", "superseded"].includes(phase);
  return {
    ...{ id, title, phase, startedBy, startedAt, evidence },
    ...(becomes && { becomes }),
    declared: release.origins.map(({ file, line }) => (line ? `${file}:${line}` : file)),
    waves: release.waves.map((wave, index) => ({
      name: wave.name,
      place: index < release.wave || phase === "succeeded" ? "done" : placeOf(index, release),
      clusters: wave.clusters
        .filter((cluster) => movesOf(release, cluster).length > 0)
        .map((cluster) => clusterView(release, cluster, seen, now, extras)),
      gates: wave.gates.map((gate) => gateView(release, index, gate, { seen, now, over })),
    })),
    waits: over ? [] : waitsFor(release, releases, { seen, now, engine: extras.engine ?? false }),
    ...(reason && { reason }),
    acknowledged: release.acknowledged !== undefined,
  };
}

function placeOf(index: number, { wave, phase }: Release): WaveView["place"] {
  return index === wave && phase !== "queued" ? "present" : "ahead";
}

function clusterView(
  release: Release,
  name: string,
  seen: Observed | undefined,
  now: number,
  { metrics, silence, late }: Extras,
): ClusterView {
  const progress = release.clusters[name] ?? { state: "waiting" as const, since: release.startedAt };
  const workloads = workloadsOf(release, name, seen);
  const canary = workloads.find((one) => one.canary && one.canary.phase !== "Succeeded")?.canary;
  const silent = seen?.clusters[name]?.reachable === false ? silence?.(name) : undefined;
  const caughtUp = late?.[release.id]?.find((one) => one.name === name);
  const moving = progress.state === "updating" || progress.state === "returning";
  return {
    name,
    ...{ state: progress.state, since: progress.since },
    text: caughtUp
      ? `was away; since then ${caughtUp.text}`
      : stateText(silent ? { ...progress, why: silent } : progress, workloads, now),
    ...(caughtUp && { caughtUp: caughtUp.is }),
    ...(moving && canary && { weight: canary.weight }),
    metrics: moving ? [...(metrics?.[name] ?? [])] : [],
  };
}

function workloadsOf(release: Release, cluster: string, seen: Observed | undefined): WorkloadSeen[] {
  const bundles = seen?.clusters[cluster]?.bundles ?? {};
  return movesOf(release, cluster).flatMap(({ bundle }) => bundles[bundle]?.workloads ?? []);
}

function stateText({ state, since, why }: Progress, workloads: readonly WorkloadSeen[], now: number): string {
  const time = ago(now - Date.parse(since));
  const because = why ? `: ${why}` : "";
  switch (state) {
    case "waiting":
      return why ? `waits${because}` : "waits";
    case "updated":
      return `updated ${time}${because}`;
    case "returned":
      return `back at the last good version, ${time}${because}`;
    case "skipped":
      return `skipped${because}`;
    case "away":
      return `away since ${span(now - Date.parse(since))}${because}`;
    default:
      return `${state === "returning" ? "goes back" : "moves"} for ${span(now - Date.parse(since))}: ${why ?? movingText(workloads)}`;
  }
}

/** How far the slowest workload is. */
function movingText(workloads: readonly WorkloadSeen[]): string {
  const failed = workloads.find(({ failure }) => failure !== undefined);
  if (failed?.failure) return failed.failure;
  const canary = workloads.find((one) => one.canary && one.canary.phase !== "Succeeded")?.canary;
  if (canary) {
    const failures = canary.failedChecks > 0 ? `, ${counted(canary.failedChecks, "failed check")}` : "";
    return `canary ${canary.phase.toLowerCase()}${failures}`;
  }
  const open = workloads.filter(({ finished }) => !finished).length;
  return open > 0 ? `rolls out ${workloads.length - open} of ${workloads.length}` : "waits for Flux";
}

interface GateContext {
  seen: Observed | undefined;
  now: number;
  over: boolean;
}

function gateView(release: Release, wave: number, gate: Gate, cx: GateContext): GateView {
  const base = { id: gate.id, type: gate.type };
  if (wave < release.wave || release.phase === "succeeded")
    return { ...base, result: "holds", text: plainText(gate) };
  if (wave > release.wave || cx.over || release.phase === "queued")
    return { ...base, result: "ahead", text: plainText(gate) };
  return { ...base, ...presentGate(release, gate, cx) };
}

function presentGate(
  release: Release,
  gate: Gate,
  { seen, now }: GateContext,
): Pick<GateView, "result" | "text"> {
  if (isAsked(gate)) return askedGate(release, gate, seen);
  if (gate.type === "soak") {
    const left =
      release.provenAt === undefined ? gate.ms : Math.max(0, Date.parse(release.provenAt) + gate.ms - now);
    const text = release.provenAt === undefined ? plainText(gate) : `${span(gate.ms)}, ${span(left)} left`;
    return left > 0 ? { result: "waits", text } : { result: "holds", text: plainText(gate) };
  }
  if (gate.type === "hours") {
    const open = minutesOpen(gate, now) !== undefined;
    const opens = `opens ${new Date(opensAt(gate, now)).toISOString().slice(0, 16)}Z`;
    return {
      result: open ? "holds" : "waits",
      text: open ? plainText(gate) : `${plainText(gate)}, ${opens}`,
    };
  }
  const who = approversOf(release, gate);
  const names = who.size > 0 ? ` (${[...who].join(", ")})` : "";
  return { result: who.size >= gate.count ? "holds" : "waits", text: `${who.size} of ${gate.count}${names}` };
}

function askedGate(
  release: Release,
  gate: Gate,
  seen: Observed | undefined,
): Pick<GateView, "result" | "text"> {
  const answers = (seen?.gates ?? []).filter(
    (one) => one.release === release.id && one.gate === gate.id && one.wave === release.wave,
  );
  const worst =
    answers.find(({ result }) => result === "fails") ??
    answers.find(({ result }) => result === "waits") ??
    answers[0];
  if (!worst) return { result: "waits", text: plainText(gate) };
  const at = worst.cluster ? ` on ${worst.cluster}` : "";
  const others = answers.length > 1 ? ` (of ${answers.length} clusters)` : "";
  return {
    result: worst.result,
    text: `${worst.value ?? "no data"} ${worst.limit ?? ""}${at}${others}`.trim(),
  };
}

const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** What a gate asks for, without saying how it stands. */
function plainText(gate: Gate): string {
  switch (gate.type) {
    case "soak":
      return span(gate.ms);
    case "promql":
      return `${gate.query} ${limitOf(gate)}`;
    case "burnRate":
      return `error budget over ${gate.window} at most ${gate.max} times as fast as it lasts`;
    case "hours":
      return `${gate.days.map((day) => days[day - 1]).join(" ")} ${gate.from}–${gate.until} ${gate.zone}`;
    case "approval":
      return gate.by ? `by ${gate.count} of ${gate.by.join(", ")}` : `by ${gate.count}`;
    default:
      return gate.url;
  }
}

function limitOf({ min, max }: { min?: number | undefined; max?: number | undefined }): string {
  return [max === undefined ? "" : `≤ ${max}`, min === undefined ? "" : `≥ ${min}`]
    .filter(Boolean)
    .join(", ");
}
