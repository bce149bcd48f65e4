/** One cell of the table: a tool at a number of apps on a file system. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Spread, spread } from "../measure.ts";
import { type RunResult, runOnce } from "./run.ts";
import { resetInputs, type Tool } from "./tools.ts";
import { allApps } from "./work.ts";

export interface Cell {
  tool: string;
  apps: number;
  place: string;
  /** Milliseconds of the whole command, or "over" when the limit was reached. */
  ms: Spread | "over";
  /** Processor seconds of the median run. */
  cpu?: number;
  mib?: number;
  /** What kubeconform takes for the tool's output, in seconds. */
  validate?: number;
  /** Milliseconds of landfall's own steps, of the median run. */
  timings?: Record<string, number>;
}

export interface CellOptions {
  place: string;
  /** A folder on that file system. */
  base: string;
  runs: number;
  limitMs: number;
  memory: boolean;
  validate?: (out: string) => { command: string; args: string[] };
}

/** A run this long is not repeated, and its memory is sampled in the run that is timed. */
const longMs = 20_000;

export async function measureCell(tool: Tool, count: number, options: CellOptions): Promise<Cell> {
  const folder = join(options.base, `${tool.id}-${count}`);
  const [input, out] = [join(folder, "in"), join(folder, "out")];
  mkdirSync(input, { recursive: true });
  try {
    tool.prepare(input, allApps(count));
    const inputs = readdirSync(input);
    const once = async (memory: boolean) => {
      rmSync(out, { recursive: true, force: true });
      resetInputs(input, inputs);
      mkdirSync(out);
      return runOnce(tool.run(input, out), { limitMs: options.limitMs, memory, env: tool.env(input) });
    };
    const cell = await repeat(once, options);
    if (cell.results.length === 0) return { ...cellOf(tool, count, options), ms: "over" };
    requireOutput(out, count, tool);
    const validate = options.validate && (await seconds(options.validate(out), options.limitMs));
    const middle = cell.results.toSorted((a, b) => a.ms - b.ms)[Math.floor(cell.results.length / 2)];
    return {
      ...cellOf(tool, count, options),
      ms: spread(cell.results.map(({ ms }) => ms)),
      ...(middle && { cpu: middle.cpuMs / 1000 }),
      ...(cell.mib !== undefined && { mib: cell.mib }),
      ...(validate !== undefined && { validate }),
      ...(tool.ours && middle && { timings: timingsOf(middle.stdout) }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const cellOf = (tool: Tool, apps: number, { place }: CellOptions) => ({ tool: tool.id, apps, place });

/** A run for the memory first where it is asked for; then the timed ones. No results: the limit was reached. */
async function repeat(
  once: (memory: boolean) => Promise<RunResult | "over">,
  { memory, runs }: CellOptions,
): Promise<{ results: RunResult[]; mib?: number }> {
  const first = await once(memory);
  if (first === "over") return { results: [] };
  const mib = first.mib !== undefined ? { mib: first.mib } : {};
  const results = memory && first.ms < longMs ? [] : [first];
  while (results.length < runs && first.ms < longMs) {
    const result = await once(false);
    if (result === "over") break;
    results.push(result);
  }
  return { results, ...mib };
}

async function seconds(
  step: { command: string; args: string[] },
  limitMs: number,
): Promise<number | undefined> {
  const result = await runOnce(step, { limitMs });
  return result === "over" ? undefined : Math.round(result.ms) / 1000;
}

/** Every app's image stands in the output once: a tool that wrote nothing must not win. */
function requireOutput(out: string, count: number, tool: Tool): void {
  const text = execFileSync("grep", ["-rhoE", "registry.example.com/shop/app-[0-9]+:", out], {
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
  });
  const found = new Set(text.trim().split("\n")).size;
  if (found !== count) throw new Error(`${tool.title} wrote ${found} of ${count} apps`);
}

/** The steps' times that a command printed with its result; the result itself may be too long to keep. */
export function timingsOf(stdout: string): Record<string, number> {
  const found = /"timings":(\{[^{}]*\})/.exec(stdout)?.[1];
  return found ? (JSON.parse(found) as Record<string, number>) : {};
}
