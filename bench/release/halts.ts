/**
 * How soon a bad version is halted on real clusters: from the moment when its metric is above the limit in Prometheus to
 * the halting commit, with a real Flagger in between. Three of them, on the lab of `lab/clusters`.
 */
import { labPrograms, startLab } from "../../lab/clusters/clusters.ts";
import { haltLimitMs, pace } from "../../lab/clusters/company.ts";
import { haltTimes, queryOf } from "../../lab/clusters/latency.ts";
import { clusterOf } from "../../lab/clusters/look.ts";
import { begin, finish, primaries, say, withEngine } from "../../lab/clusters/releases.ts";

/** Milliseconds each, and the most they may be. */
export interface Halts {
  ms: number[];
  limitMs: number;
  pace: typeof pace;
}

const bad = [
  { version: "bad", check: "error-rate", max: 1 },
  { version: "slow", check: "latency-p99", max: 500 },
  { version: "bad", check: "error-rate", max: 1 },
];

export async function measureHalts(): Promise<Halts> {
  const programs = await labPrograms();
  if (!programs) throw new Error("a program of the lab is not in the cache: node scripts/programs.ts");
  const lab = await startLab(programs);
  const one = clusterOf(lab, "one");
  const ms: number[] = [];
  try {
    await primaries(lab, "web");
    for (const { version, check, max } of bad) {
      const query = await queryOf(one, "web", check, `${pace.interval}s`);
      const release = await begin(lab, "web", version);
      const { metric, commit } = await withEngine(lab, () => haltTimes(lab, one, { query, max, release }));
      ms.push(commit - metric);
      console.error(`· halted ${(commit - metric) / 1000} s after the metric`);
      await finish(lab, release);
      await say(lab, "acknowledge", release);
    }
    return { ms, limitMs: haltLimitMs, pace };
  } finally {
    await lab.stop();
  }
}
