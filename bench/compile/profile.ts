/** What Node's own profiler says of one build: the functions that ran longest by themselves. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runOnce } from "./run.ts";
import { emptyHome } from "./tools.ts";

export interface HotFunction {
  /** `name file:line`, relative to the checkout. */
  at: string;
  ms: number;
  percent: number;
}

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Build once under the profiler. Threads of the process are in it, child processes are not. */
export async function profileBuild(folder: string, top = 25): Promise<HotFunction[]> {
  const profiles = `${folder}.profiles`;
  mkdirSync(profiles, { recursive: true });
  const flags = ["--disable-warning=ExperimentalWarning", "--cpu-prof", `--cpu-prof-dir=${profiles}`];
  const args = [...flags, join(root, "src/cli/main.ts"), "build", folder, "--out", `${folder}.out`, "--json"];
  try {
    const env = emptyHome(folder);
    const result = await runOnce({ command: process.execPath, args }, { limitMs: 300_000, env });
    if (result === "over") return [];
    const files = readdirSync(profiles).map((name) => readFileSync(join(profiles, name), "utf8"));
    return hottest(
      files.map((text) => JSON.parse(text) as CpuProfile),
      top,
    );
  } finally {
    for (const path of [profiles, `${folder}.out`, `${folder}.home`])
      rmSync(path, { recursive: true, force: true });
  }
}

function hottest(profiles: CpuProfile[], top: number): HotFunction[] {
  const self = new Map<string, number>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
    for (const [i, id] of samples.entries()) {
      const frame = frames.get(id);
      if (!frame || frame.functionName === "(idle)") continue;
      const file = frame.url.replace(/^file:\/\//, "").replace(root, "");
      const name = frame.functionName || "(anonymous)";
      const at = file ? `${name} ${file}:${frame.lineNumber + 1}` : name;
      self.set(at, (self.get(at) ?? 0) + (timeDeltas[i] ?? 0) / 1000);
    }
  }
  const total = [...self.values()].reduce((sum, ms) => sum + ms, 0);
  return [...self]
    .sort(([, a], [, b]) => b - a)
    .slice(0, top)
    .map(([at, ms]) => ({ at, ms: Math.round(ms), percent: Math.round((ms / total) * 1000) / 10 }));
}
