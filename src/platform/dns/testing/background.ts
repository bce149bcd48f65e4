import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../embedded/machine/wait.ts";

export interface Background {
  /** Its own folder, gone when it is stopped. */
  dir: string;
  log(): string;
  /** End it at once, as in a crash. Its folder stays. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A folder that a program runs in. */
export function runFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `landfall-${name}-`));
}

/** Run a program in a folder until it is stopped, at the latest with this process; resolves when `ready` says so. */
export async function inBackground(
  command: { path: string; args: string[]; env?: Record<string, string>; dir: string },
  ready: () => Promise<boolean>,
): Promise<Background> {
  const { path, args, env = {}, dir } = command;
  const file = join(dir, "log");
  const out = openSync(file, "a");
  const child = spawn(path, args, { cwd: dir, env: { HOME: dir, ...env }, stdio: ["ignore", out, out] });
  closeSync(out);
  const endNow = () => child.kill("SIGKILL");
  process.once("exit", endNow);
  const log = () => readFileSync(file, "utf8");
  const kill = async () => {
    process.off("exit", endNow);
    await ended(child);
  };
  const stop = async () => {
    await kill();
    rmSync(dir, { recursive: true, force: true });
  };
  const isUp = await until(async () => child.exitCode !== null || (await ready()), 30_000);
  if (isUp && child.exitCode === null) return { dir, log, kill, stop };
  const words = log().slice(-3000);
  await stop();
  throw new Error(`${path} did not become ready:\n${words}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await gone;
}
