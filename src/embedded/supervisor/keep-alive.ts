import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../util/errors.ts";
import { canonicalJson, sha256 } from "../../util/hash.ts";
import { identify, isAlive, signalProcess } from "../machine/process-id.ts";
import { run } from "../machine/run.ts";
import { pause, until } from "../machine/wait.ts";
import type { ProcessId, ProcessStatus } from "../types.ts";
import { checkHealth } from "./health.ts";
import type { PidRecord } from "./pid-record.ts";
import type { ProcessSpec } from "./process-spec.ts";

/** What keeping a process alive needs from its surroundings. */
export interface Surroundings {
  logs: string;
  record: PidRecord;
  env: Record<string, string>;
  /** The command line that runs a command line inside the cluster's network namespace. */
  enterNetns: (command: string[]) => string[];
  /** Resolves when the named processes have been healthy; rejects when stopped. */
  whenHealthy: (names: string[], signal: AbortSignal) => Promise<void>;
  changed: (status: ProcessStatus) => void;
  log: (line: string) => void;
}

/** A process under care. */
export interface Kept {
  spec: ProcessSpec;
  specHash: string;
  status: () => ProcessStatus;
  /** End the care; with `kill` also the process, politely first. */
  stop: (kill: boolean) => Promise<void>;
}

/** Waits between starts: doubling from 200 ms to 10 s, from the beginning after a minute of health. */
export function backoffMs(failures: number): number {
  return Math.min(200 * 2 ** Math.max(0, failures - 1), 10_000);
}

const fastCheckMs = 50;
const slowCheckMs = 1000;
const settledMs = 60_000;

/** The identity of a spec: a process started from another one is not adopted but replaced. */
export function hashSpec(spec: ProcessSpec): string {
  return sha256(canonicalJson(spec));
}

/** End a process: SIGTERM, and SIGKILL when it has not ended in time. */
export async function endProcess(id: ProcessId, timeoutMs: number): Promise<void> {
  if (!signalProcess(id, "SIGTERM")) return;
  if (await until(() => !isAlive(id), timeoutMs, 20)) return;
  signalProcess(id, "SIGKILL");
  await until(() => !isAlive(id), 5000, 20);
}

/** Start caring for a process: adopt the one that runs already, or start it when its needs are healthy. */
export function keepAlive(spec: ProcessSpec, around: Surroundings): Kept {
  const specHash = hashSpec(spec);
  const stopping = new AbortController();
  const status: ProcessStatus = { name: spec.name, state: "waiting", restarts: 0 };
  let current: ProcessId | undefined;

  const set = (state: ProcessStatus["state"], reason?: string) => {
    const differs = status.state !== state;
    status.state = state;
    if (reason === undefined) delete status.reason;
    else status.reason = reason;
    if (state === "healthy") status.healthySince ??= new Date().toISOString();
    else delete status.healthySince;
    if (differs) around.changed({ ...status });
  };

  const start = (): { id: ProcessId | undefined; wake: AbortController } => {
    const wake = new AbortController();
    const log = openSync(join(around.logs, `${spec.name}.log`), "a", 0o600);
    const line = [spec.command, ...spec.args];
    const [command = "", ...args] = spec.netns ? around.enterNetns(line) : line;
    let child: ChildProcess;
    try {
      // A session of its own: no signal of a terminal reaches it, and it outlives this supervisor.
      child = spawn(command, args, {
        detached: true,
        stdio: ["ignore", log, log],
        env: { ...around.env, ...spec.env },
      });
    } finally {
      closeSync(log);
    }
    child.once("exit", () => wake.abort());
    child.once("error", (error) => {
      around.log(`${spec.name}: ${error.message}`);
      wake.abort();
    });
    const id = child.pid === undefined ? undefined : identify(child.pid);
    if (id) around.record.set(spec.name, { ...id, specHash });
    return { id, wake };
  };

  const prepare = async (): Promise<string | undefined> => {
    for (const step of spec.prepare ?? []) {
      const line = [step.command, ...step.args];
      const [command = "", ...args] = spec.netns ? around.enterNetns(line) : line;
      const result = await run(command, args, { timeoutMs: 60_000, env: around.env });
      if (result.code !== 0) return `${step.command}: ${result.stderr.trim()}`;
    }
    return undefined;
  };

  /** Ask the process's own check, and prepare it once the check answers. */
  const askOnce = async (life: { prepared: boolean }): Promise<string | undefined> => {
    const reason = await checkHealth(spec.health, spec.netns ? around.enterNetns : undefined);
    if (reason !== undefined || life.prepared) return reason;
    const failed = await prepare();
    life.prepared = failed === undefined;
    return failed;
  };

  const judge = (reason: string | undefined, failures: number) => {
    if (reason === undefined) set("healthy");
    else if (status.state === "starting") status.reason = reason;
    else if (failures >= 3) set("unhealthy", reason);
  };

  /** Whether a process that runs has been unhealthy for so long that only a new start may help. */
  const isLost = (failures: number, startedAt: number): boolean =>
    status.state === "starting"
      ? failures > 0 && Date.now() - startedAt > (spec.startTimeoutMs ?? 60_000)
      : failures >= (spec.failureThreshold ?? 20);

  /** Watch one life of the process, from its start or adoption to its end. */
  const watch = async (id: ProcessId, wake: AbortSignal): Promise<void> => {
    const signal = AbortSignal.any([wake, stopping.signal]);
    const life = { prepared: false };
    const startedAt = Date.now();
    const goesOn = () => !stopping.signal.aborted && isAlive(id);
    let failures = 0;
    while (goesOn()) {
      const reason = await askOnce(life);
      if (!goesOn()) return;
      failures = reason === undefined ? 0 : failures + 1;
      judge(reason, failures);
      if (isLost(failures, startedAt)) {
        around.log(`${spec.name}: ended, since it is not healthy: ${reason}`);
        await endProcess(id, spec.stopTimeoutMs ?? 5000);
        return;
      }
      await pause(status.state === "healthy" ? slowCheckMs : fastCheckMs, signal);
    }
  };

  const adopt = async (): Promise<ProcessId | undefined> => {
    const entry = around.record.get(spec.name);
    if (!entry || !isAlive(entry)) return undefined;
    if (entry.specHash === specHash) return entry;
    around.log(`${spec.name}: its configuration changed, started anew`);
    await endProcess(entry, spec.stopTimeoutMs ?? 5000);
    return undefined;
  };

  const oneLife = async (): Promise<void> => {
    const adopted = status.restarts === 0 ? await adopt() : undefined;
    if (!adopted) await around.whenHealthy(spec.dependsOn, stopping.signal);
    set("starting");
    const life = adopted ? { id: adopted, wake: new AbortController() } : start();
    current = life.id;
    if (!life.id) return;
    status.pid = life.id.pid;
    await watch(life.id, life.wake.signal);
  };

  const care = async (): Promise<void> => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const began = Date.now();
      await oneLife().catch((error: unknown) => {
        if (!stopping.signal.aborted) around.log(`${spec.name}: ${messageOf(error)}`);
      });
      if (stopping.signal.aborted) return;
      failures = Date.now() - began > settledMs ? 1 : failures + 1;
      status.restarts += 1;
      delete status.pid;
      const wait = backoffMs(failures);
      around.log(`${spec.name}: ended, started anew in ${wait} ms`);
      set("backoff", `it ended; see ${spec.name}.log`);
      await pause(wait, stopping.signal);
    }
  };
  const cared = care();

  return {
    spec,
    specHash,
    status: () => ({ ...status }),
    stop: async (kill) => {
      stopping.abort();
      await cared;
      if (!kill) return;
      if (current) await endProcess(current, spec.stopTimeoutMs ?? 5000);
      around.record.set(spec.name, undefined);
      set("stopped");
    },
  };
}
