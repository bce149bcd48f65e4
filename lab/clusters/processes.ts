import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Started {
  pid: number;
  /** End it at once, and wait until it is gone. */
  stop(): Promise<void>;
}

export interface Start {
  command: string;
  args: readonly string[];
  env?: Record<string, string>;
  /** What answers 200 once it works. */
  healthUrl?: string;
}

/** A program beside the test, with its own folder for its log and temporary files; it never outlives the test. */
export async function startProcess(dir: string, { command, args, env, healthUrl }: Start): Promise<Started> {
  mkdirSync(dir, { recursive: true });
  const log = openSync(join(dir, "log"), "a");
  const child = spawn(command, args, {
    cwd: dir,
    env: { PATH: process.env.PATH, HOME: dir, TMPDIR: dir, ...env },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.on("error", () => {});
  const endNow = () => child.kill("SIGKILL");
  process.once("exit", endNow);
  const stop = async () => {
    process.off("exit", endNow);
    await end(child);
  };
  if (healthUrl !== undefined && !(await answers(child, healthUrl))) {
    await stop();
    throw new Error(`${command} does not answer; its log is ${join(dir, "log")}`);
  }
  return { pid: child.pid ?? 0, stop };
}

async function answers(child: ChildProcess, url: string): Promise<boolean> {
  for (const from = Date.now(); Date.now() - from < 60_000; await sleep(100)) {
    if (child.exitCode !== null || child.pid === undefined) return false;
    if ((await fetch(url).catch(() => undefined))?.ok) return true;
  }
  return false;
}

/** SIGKILL, and wait until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await gone;
}
