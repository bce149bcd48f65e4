import { type ChildProcess, spawn } from "node:child_process";
import { watchBranch } from "../../src/embedded/delivery/ref-watch.ts";
import { type Lab, landfallArgs } from "./clusters.ts";
import { end } from "./processes.ts";

export interface Engine {
  /** What it said so far. */
  said(): string;
  /** SIGKILL: nothing is tidied up. */
  kill(): Promise<void>;
}

/** `landfall release run` as a process of its own. */
export function startEngine({ dir, env }: Pick<Lab, "dir" | "env">): Engine {
  const child: ChildProcess = spawn(process.execPath, [...landfallArgs, "release", "run", "--json"], {
    cwd: dir,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      text += chunk;
    });
  const endNow = () => child.kill("SIGKILL");
  process.once("exit", endNow);
  return {
    said: () => text,
    kill: async () => {
      process.off("exit", endNow);
      await end(child);
    },
  };
}

/**
 * Run engines one after the other, each killed as soon as a commit of it is seen, until `done` holds. Answers how many
 * were killed so. An engine that ends by itself is a failure.
 */
export async function runKilled(lab: Lab, done: () => Promise<boolean>): Promise<number> {
  let kills = 0;
  while (!(await done())) {
    const moved = new AbortController();
    const unwatch = watchBranch(lab.repo, "main", () => moved.abort());
    const engine = startEngine(lab);
    try {
      await until(async () => moved.signal.aborted || (await done()), 300_000, engine.said);
      if (moved.signal.aborted) kills += 1;
    } finally {
      unwatch();
      await engine.kill();
    }
  }
  return kills;
}

/** Wait until it holds; `why` tells what was going on when it does not. */
export async function until(
  holds: () => Promise<boolean> | boolean,
  limitMs: number,
  why: () => string = () => "",
  everyMs = 50,
): Promise<void> {
  for (const from = Date.now(); !(await holds()); ) {
    if (Date.now() - from > limitMs)
      throw new Error(`it did not come to pass in ${limitMs / 1000} s: ${why()}`);
    await new Promise((next) => setTimeout(next, everyMs));
  }
}
