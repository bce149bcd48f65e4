/**
 * `npm run bench -- release [--runs N] [--only rollouts|halts] [--note TEXT]`: many releases at once over many simulated clusters, with
 * real commits pushed to a real Git repository; how soon an engine that was started anew knows where all of them stand;
 * and on real clusters how soon a bad version is halted. What is left out stays as it was measured last.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { machine, watchMemory } from "../measure.ts";
import type { ResyncFigures, RunFigures } from "./engine.ts";
import { makeFleet } from "./fleet.ts";
import { measureHalts } from "./halts.ts";
import { figuresOf, keep, type Measured, type Parts } from "./report.ts";
import { usual } from "./settings.ts";

const engine = fileURLToPath(new URL("engine.ts", import.meta.url));

export async function run(args: string[]): Promise<void> {
  const option = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const [runs, only] = [Math.max(1, Number(option("--runs") ?? 3)), option("--only")];
  const note = option("--note");
  if (only !== "halts") keep(await measureRollouts(runs, note));
  if (only !== "rollouts") keep({ halts: await measureHalts() });
}

/** `note` says what was special on the machine at that time. */
async function measureRollouts(runs: number, note: string | undefined): Promise<Parts> {
  const about = { ...machine(), ...(note && { note }) };
  const base = mkdtempSync(join(tmpdir(), "landfall-bench-release-"));
  try {
    const [queued, moving] = [join(base, "queued.git"), join(base, "moving.git")];
    await makeFleet(queued, usual, "queued");
    await makeFleet(moving, usual, "moving");
    const rollouts: Measured<RunFigures>[] = [];
    const resyncs: Measured<ResyncFigures>[] = [];
    for (let i = 0; i < runs; i++) {
      const remote = join(base, `run-${i}.git`);
      cpSync(queued, remote, { recursive: true });
      rollouts.push(await measured<RunFigures>("run", remote, join(base, `home-${i}`)));
      // On another machine than before: the fleet is fetched as a whole.
      resyncs.push(await measured<ResyncFigures>("resync", moving, join(base, `resync-${i}`)));
    }
    return { rollouts: figuresOf(about, usual, rollouts, resyncs) };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

async function measured<T>(what: "run" | "resync", remote: string, home: string): Promise<Measured<T>> {
  const args = ["--disable-warning=ExperimentalWarning", engine, what, remote, JSON.stringify(usual)];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, LANDFALL_HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const peak = watchMemory(child, 250);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const code = await new Promise((done) => child.once("close", done));
  if (code !== 0) throw new Error(`the engine ended with ${code}`);
  const result = { figures: JSON.parse(text) as T, mib: peak() };
  console.error(
    `· ${what}: ${JSON.stringify(result, (key, value) => (key === "releases" ? undefined : value))}`,
  );
  return result;
}
