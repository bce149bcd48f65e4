/**
 * One engine as a process of its own: `node engine.ts run|resync REMOTE SETTINGS`. It prints what it measured as JSON.
 * `run` takes all releases to their end; `resync` reads the fleet, looks at every cluster, and decides once.
 */
import { readFileSync } from "node:fs";
import { openFleet } from "../../src/emit/git/fleet.ts";
import { lookAround, runEngine } from "../../src/platform/release/engine.ts";
import { reachClusters } from "../../src/platform/release/observe.ts";
import { type ReleaseFleet, readFleet } from "../../src/platform/release/store.ts";
import { decide, isOver } from "../../src/release/index.ts";
import type { Settings } from "./settings.ts";
import { simulatedClusters } from "./simulated.ts";

const [what = "", remote = "", text = ""] = process.argv.slice(2);
const settings = JSON.parse(text) as Settings;
const who = { name: "Engine", email: "engine@example.com" };

/** What `run` tells of each release, in seconds since the engine began. */
export interface RunFigures {
  releases: { id: string; seconds: number; phase: string }[];
  commits: number;
  looks: number;
  /** Processor seconds of the engine and the git it ran. */
  cpuSeconds: number;
  seconds: number;
}

export interface ResyncFigures {
  /** Since the process was started. */
  seconds: number;
  clusters: number;
  actions: number;
  cpuSeconds: number;
}

const opened = async (): Promise<ReleaseFleet> => ({
  ...(await openFleet(`file://${remote}`)),
  branch: "main",
});

async function run(): Promise<RunFigures> {
  const simulated = simulatedClusters(settings);
  const fleet = await opened();
  simulated.begin((await readFleet(fleet)).releases, () => "from");
  const ended = new Map<string, { seconds: number; phase: string }>();
  const clusters = reachClusters(simulated.all);
  const start = performance.now();
  const cpu = cpuSeconds();
  let [commits, looks] = [0, 0];
  await runEngine({
    ...{ fleet, clusters, who, signal: new AbortController().signal },
    onLook: () => {
      looks += 1;
    },
    onStep: ({ action }) => {
      commits += 1;
      simulated.tell(action);
      const { id, phase } = action.release;
      if (isOver(action.release)) ended.set(id, { seconds: since(start), phase });
    },
    until: () => ended.size === settings.releases,
  });
  return {
    releases: [...ended].map(([id, one]) => ({ id, ...one })),
    ...{ commits, looks, seconds: since(start), cpuSeconds: cpuSeconds() - cpu },
  };
}

async function resync(): Promise<ResyncFigures> {
  const simulated = simulatedClusters(settings);
  const fleet = await opened();
  simulated.begin((await readFleet(fleet)).releases, () => "to");
  const clusters = reachClusters(simulated.all);
  const look = await lookAround({ fleet, clusters });
  const actions = decide(look.releases, look.seen, look.at);
  // The clock of a process counts from its start.
  const seconds = performance.now() / 1000;
  return {
    seconds,
    clusters: Object.keys(look.seen.clusters).length,
    actions: actions.length,
    cpuSeconds: cpuSeconds(),
  };
}

const since = (start: number) => (performance.now() - start) / 1000;

/** Of this process and of those it has waited for. */
function cpuSeconds(): number {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
  // utime, stime, cutime and cstime, in hundredths of a second.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

process.stdout.write(`${JSON.stringify(await (what === "resync" ? resync() : run()))}\n`);
process.exit(0);
