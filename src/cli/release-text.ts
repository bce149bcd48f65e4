import type { ClusterView, GateView, MetricSeen, ReleaseView, WaveView } from "../platform/release/view.ts";
import { ago } from "../platform/release/view-time.ts";
import { counted } from "../util/counted.ts";
import { paint } from "./output.ts";

type Style = Parameters<typeof paint>[0];
/** Colour for the stream that the text goes to. */
export type Painter = (style: Style, text: string) => string;

/** A painter for a stream. */
export function painter(stream: NodeJS.WriteStream = process.stdout): Painter {
  return (style, text) => paint(style, text, stream);
}

const phases: Record<ReleaseView["phase"], [Style, string]> = {
  queued: ["cyan", "queued"],
  running: ["cyan", "running"],
  paused: ["yellow", "paused"],
  returning: ["yellow", "going back"],
  succeeded: ["green", "done"],
  rolledBack: ["red", "rolled back"],
  halted: ["red", "halted"],
  aborted: ["yellow", "aborted"],
  superseded: ["dim", "superseded"],
};

/** A phase in words, e.g. `rolled back`. */
export function phaseText(phase: ReleaseView["phase"], colour: Painter): string {
  const [style, text] = phases[phase];
  return colour(style, text);
}

/** Lines of one release: its waves with their clusters and gates, and what it waits for. */
export function releaseLines(view: ReleaseView, now: number, colour: Painter): string[] {
  return [
    headLine(view, now, colour),
    `  ${colour("dim", [...view.declared, `started by ${view.startedBy}`].join(" · "))}`,
    ...(view.reason ? [`  ${colour("red", "✖")} ${view.reason}`] : []),
    ...view.waves.flatMap((wave) => waveLines(wave, colour)),
    ...view.waits.map((text) => `  ${colour("cyan", "waits for")} ${text}`),
  ];
}

function headLine({ id, title, phase, waves, startedAt }: ReleaseView, now: number, colour: Painter): string {
  const present = waves.findIndex(({ place }) => place === "present");
  const wave = present >= 0 ? [`wave ${present + 1} of ${waves.length}`] : [];
  const started = now - Date.parse(startedAt);
  const facts = [phaseText(phase, colour), ...wave, `started ${ago(started)}`].join(" · ");
  return `${colour("bold", title)}  ${facts}  ${colour("dim", id)}`;
}

/** So many clusters of a wave are shown one by one; of more, those where something happens. */
const mostClusters = 12;

function waveLines({ name, place, clusters, gates }: WaveView, colour: Painter): string[] {
  const marks = {
    done: colour("green", "✔"),
    present: colour("cyan", "▸"),
    ahead: colour("dim", "·"),
  };
  const head = `  ${marks[place]} ${colour("bold", name)}  ${countsText(clusters, place)}`;
  if (place === "ahead") return [head];
  const telling = clusters.filter(({ state }) => state !== "updated" && state !== "waiting");
  const shown = (place === "done" || clusters.length > mostClusters ? telling : clusters).slice(
    0,
    mostClusters,
  );
  const width = Math.max(
    0,
    ...shown.map(({ name: own }) => own.length),
    ...gates.map(({ id }) => id.length + 5),
  );
  const rest = place === "present" ? clusters.length - shown.length : telling.length - shown.length;
  return [
    head,
    ...shown.flatMap((cluster) => clusterLines(cluster, width, colour)),
    ...(rest > 0 ? [colour("dim", `      and ${counted(rest, "more cluster")}`)] : []),
    ...(place === "present" ? gates.map((gate) => gateLine(gate, width, colour)) : []),
  ];
}

const words: Record<ClusterView["state"], string> = {
  waiting: "waiting",
  updating: "moving",
  updated: "updated",
  skipped: "skipped",
  away: "away",
  returning: "going back",
  returned: "back",
};

function countsText(clusters: readonly ClusterView[], place: WaveView["place"]): string {
  if (place === "ahead") return counted(clusters.length, "cluster");
  const byState = Map.groupBy(clusters, ({ state }) => state);
  const order = Object.keys(words) as ClusterView["state"][];
  const counts = order.flatMap((state) => {
    const count = byState.get(state)?.length ?? 0;
    return count > 0 ? [`${count} ${words[state]}`] : [];
  });
  return `${counted(clusters.length, "cluster")}: ${counts.join(", ")}`;
}

function clusterLines(cluster: ClusterView, width: number, colour: Painter): string[] {
  const marks: Record<ClusterView["state"], string> = {
    waiting: colour("dim", "·"),
    updating: colour("cyan", "◐"),
    updated: colour("green", "✔"),
    skipped: colour("yellow", "!"),
    away: colour("yellow", "!"),
    returning: colour("yellow", "↩"),
    returned: colour("green", "↩"),
  };
  const { name, state, text, weight, metrics, caughtUp } = cluster;
  const mark = caughtUp === "proven" ? colour("green", "✔") : marks[state];
  const bar = weight === undefined ? "" : `${barText(weight)} `;
  return [
    `      ${mark} ${name.padEnd(width)}  ${bar}${text}`,
    ...metrics.map((metric) => `        ${"".padEnd(width)}  ${metricText(metric, colour)}`),
  ];
}

/** Ten cells of traffic. */
function barText(weight: number): string {
  const full = Math.round(weight / 10);
  return `${"█".repeat(full)}${"░".repeat(10 - full)} ${weight} %`;
}

function metricText({ name, value, limit, within }: MetricSeen, colour: Painter): string {
  const mark = within ? colour("green", "✔") : colour("red", "✖");
  return `${mark} ${name} ${value} ${colour("dim", `(${limit})`)}`;
}

function gateLine({ id, result, text }: GateView, width: number, colour: Painter): string {
  const marks = {
    holds: colour("green", "✔"),
    waits: colour("yellow", "…"),
    fails: colour("red", "✖"),
    ahead: colour("dim", "·"),
  };
  return `      ${marks[result]} ${colour("dim", "gate")} ${id.padEnd(width - 5)}  ${text}`;
}
