/**
 * 10,000 apps on 1,000 clusters: `init --estate`, `build`, then `plan` of all of it as new (no commit is there yet), and
 * `plan` against what was built, which finds nothing.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { timingsOf } from "./cell.ts";
import { runOnce } from "./run.ts";
import { emptyHome, landfall } from "./tools.ts";

export interface EstateRow {
  apps: number;
  clusters: number;
  place: string;
  steps: { step: string; seconds: number; cpu: number; mib: number; timings: Record<string, number> }[];
}

const limitMs = 600_000;

export async function measureEstate(options: {
  apps: number;
  clusters: number;
  place: string;
  base: string;
}): Promise<EstateRow> {
  const { apps, clusters, place, base } = options;
  const folder = join(base, "estate");
  const env = emptyHome(folder);
  const size = `apps=${apps},clusters=${clusters}`;
  try {
    const init = await runOnce(landfall("init", folder, "--estate", size, "--seed", "1", "--json"), {
      limitMs,
      env,
    });
    if (init === "over") throw new Error("`init --estate` took too long");
    const steps = [];
    const commands: [string, string[]][] = [
      ["build", ["build", folder]],
      ["plan, everything new", ["plan", folder]],
      ["plan, nothing changed", ["plan", folder, "--base", join(folder, "fleet")]],
    ];
    for (const [step, args] of commands) {
      const result = await runOnce(landfall(...args, "--json"), { limitMs, env, memory: true });
      if (result === "over") throw new Error(`\`${step}\` took over ${limitMs / 1000} s`);
      steps.push({
        step,
        seconds: Math.round(result.ms) / 1000,
        cpu: result.cpuMs / 1000,
        mib: result.mib ?? 0,
        timings: timingsOf(result.stdout),
      });
    }
    return { apps, clusters, place, steps };
  } finally {
    for (const path of [folder, `${folder}.home`]) rmSync(path, { recursive: true, force: true });
  }
}
