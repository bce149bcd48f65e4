/** Run one command that does the whole work, timed; with a limit, at which it is ended with all it started. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Invocation } from "../../lab/peers/peers.ts";
import { watchMemory } from "../measure.ts";

export interface RunResult {
  /** From the start of the process until it and its output are closed. */
  ms: number;
  /** Processor time of all its processes, in milliseconds: what a busy machine changes least. */
  cpuMs: number;
  /** The highest PSS of the process tree in MiB; asked for apart, since sampling costs time. */
  mib?: number;
  stdout: string;
}

export interface RunOptions {
  limitMs: number;
  memory?: boolean;
  env?: NodeJS.ProcessEnv;
}

/** The result, or "over" when the limit was reached. Throws with the end of stderr when the command fails. */
export async function runOnce(step: Invocation, options: RunOptions): Promise<RunResult | "over"> {
  const cpuBefore = childrenCpuMs();
  const start = performance.now();
  const child = spawn(step.command, step.args, {
    cwd: step.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, so that nothing outlives the limit.
    detached: true,
  });
  const peak = options.memory ? watchMemory(child) : undefined;
  const end = () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    end();
  }, options.limitMs);
  process.once("exit", end);
  const keep = 4096;
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    // The last line is what a command says of itself; peers that list every file say more than anybody reads.
    stdout = (stdout + text).slice(-64 * keep);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-keep);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const ms = performance.now() - start;
  clearTimeout(timer);
  process.off("exit", end);
  if (over) return "over";
  if (code !== 0)
    throw new Error(`${step.command} ${step.args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
  return { ms, cpuMs: childrenCpuMs() - cpuBefore, ...(peak && { mib: peak() }), stdout };
}

/** User and system time of this process' ended children and of theirs, in ticks of 10 ms. Only one runs at a time. */
function childrenCpuMs(): number {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ") ?? [];
  // Numbers 16 and 17 of proc(5), of which the first two are cut off.
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
