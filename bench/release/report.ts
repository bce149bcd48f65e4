/** The figures beside the issue's numbers and those that KubeFleet has published. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Spread, spread } from "../measure.ts";
import type { ResyncFigures, RunFigures } from "./engine.ts";
import type { Halts } from "./halts.ts";
import { curvesSvg } from "./plot.ts";
import type { Settings } from "./settings.ts";

export interface Measured<T> {
  figures: T;
  /** The highest PSS of the engine and the git it runs, in MiB. */
  mib: number;
}

interface Rollouts {
  machine: object;
  settings: Settings;
  figures: Record<string, Spread>;
  /** Seconds after which each release was over, by run. */
  through: number[][];
}

/** What `bench/results/release.json` holds. */
export interface Parts {
  rollouts?: Rollouts;
  halts?: Halts;
}

const file = (end: string) => fileURLToPath(new URL(`../results/release.${end}`, import.meta.url));

/** The spreads over the runs. */
export function figuresOf(
  machine: object,
  settings: Settings,
  rollouts: readonly Measured<RunFigures>[],
  resyncs: readonly Measured<ResyncFigures>[],
): Rollouts {
  const through = rollouts.map(({ figures }) =>
    figures.releases.map(({ seconds }) => Math.round(seconds * 100) / 100).sort((a, b) => a - b),
  );
  const share = (part: number) => spread(through.map((own) => own[Math.ceil(own.length * part) - 1] ?? NaN));
  const ofRuns = (value: (figures: RunFigures) => number) =>
    spread(rollouts.map(({ figures }) => value(figures)));
  const succeeded = ({ releases }: RunFigures) =>
    releases.filter(({ phase }) => phase === "succeeded").length;
  const figures = {
    p90: share(0.9),
    median: share(0.5),
    last: share(1),
    succeeded: ofRuns(succeeded),
    commits: ofRuns(({ commits }) => commits),
    cores: ofRuns(({ cpuSeconds, seconds }) => cpuSeconds / seconds),
    processorSeconds: ofRuns(({ cpuSeconds }) => cpuSeconds),
    mib: spread(rollouts.map(({ mib }) => mib)),
    resync: spread(resyncs.map(({ figures: own }) => own.seconds)),
    resyncClusters: spread(resyncs.map(({ figures: own }) => own.clusters)),
    resyncMib: spread(resyncs.map(({ mib }) => mib)),
  };
  return { machine, settings, figures, through };
}

/** Write what was measured now beside what was measured before. */
export function keep(parts: Parts): void {
  const all = { ...before(), ...parts };
  writeFileSync(file("json"), `${JSON.stringify(all, null, 1)}\n`);
  writeFileSync(file("md"), markdown(all));
  if (all.rollouts)
    writeFileSync(file("svg"), curvesSvg(all.rollouts.through, all.rollouts.settings.releases));
  console.log(markdown(all));
}

function before(): Parts {
  try {
    return JSON.parse(readFileSync(file("json"), "utf8")) as Parts;
  } catch {
    return {};
  }
}

function markdown({ rollouts, halts }: Parts): string {
  const head = ["figure", "unit", "min", "median", "max", "runs", "target", "KubeFleet, published"];
  const rows = [...(rollouts ? rolloutRows(rollouts) : []), ...(halts ? [haltRow(halts)] : [])];
  const table = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const sections = [
    "# release",
    ...(rollouts ? [howRollouts(rollouts.settings), "![releases that are through](release.svg)"] : []),
    table,
    ...(halts ? [howHalts(halts)] : []),
    kubeFleet,
    ...(rollouts ? [machineLine(rollouts.machine)] : []),
  ];
  return `${sections.join("\n\n")}\n`;
}

function rolloutRows({ figures, settings }: Rollouts): string[][] {
  const { releases, clusters } = settings;
  return [
    row("rollout, p90", "s", figures.p90, "≤ 60", "< 240"),
    row("rollout, median", "s", figures.median),
    row("last rollout", "s", figures.last),
    row("rollouts that succeeded", "", figures.succeeded, String(releases)),
    row("commits", "", figures.commits),
    row("processor, engine and git", "cores", figures.cores, "≤ 2", "8 to 12"),
    row("the same in all", "s", figures.processorSeconds),
    row("memory, engine and git", "MiB (PSS)", figures.mib, "≤ 2048", "16,000 to 24,000"),
    row("a new engine: fleet fetched, all clusters looked at, decided", "s", figures.resync, "≤ 30", "< 900"),
    row("clusters that it looked at", "", figures.resyncClusters, String(clusters)),
    row("its memory", "MiB (PSS)", figures.resyncMib),
  ];
}

function haltRow({ ms, limitMs }: Halts): string[] {
  const seconds = spread(ms.map((one) => one / 1000));
  return row("failing metric in Prometheus to the halting commit", "s", seconds, `≤ ${limitMs / 1000}`);
}

function row(name: string, unit: string, value: Spread | undefined, target = "", published = ""): string[] {
  const { min, median, max, runs } = value ?? { min: "", median: "", max: "", runs: 0 };
  return [name, unit, min, median, max, runs, target, published].map(String);
}

function howRollouts({ releases, clusters, placements, serves, answers }: Settings): string {
  return `${releases} releases at once, each over ${placements} of ${clusters.toLocaleString("en")} clusters in three stages, half of a stage at a time, without
gates: seconds from the engine's start until each is over. The engine's own loop reads the fleet, looks at clusters,
decides and commits; each step is a commit of its own, and the commits of a round are pushed together to a bare
repository on this machine's disk. Simulated are the clusters alone: each answers a call after ${answers} ms, and serves what
it was told ${serves[0] / 1000} to ${serves[1] / 1000} s after the push. No network lies between, which an engine of real clusters has.`;
}

function howHalts({ pace }: Halts): string {
  return `The halt is measured on three real control planes with a real Flagger and Prometheus each (\`lab/clusters\`): a scrape
each ${pace.scrape} s, a check each ${pace.interval} s, ${pace.threshold} failed checks; one scrape, threshold × interval and ${pace.engine} s are its limit.`;
}

const kubeFleet = `KubeFleet's figures are those of its "Performance and Scalability Report, Q1 2026" (kubefleet.dev/blog/2026): 100
rollouts of three stages over 1,000 clusters, its agent on 8 to 12 cores and 16 to 24 GB. They were not measured here,
were taken in a cloud, and include that its agents apply the objects.`;

function machineLine(machine: object): string {
  const { cpu, cores, memoryGiB, node, commit, date, loadBefore, note } = machine as Record<string, unknown>;
  const load = (loadBefore as number[]).join(" ");
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, commit ${commit}, ${date}; load before ${load}${note ? `; ${note}` : ""}.`;
}
