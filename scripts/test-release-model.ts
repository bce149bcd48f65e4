/**
 * The release engine's model test: random fleets, faults and people, a million runs in chunks on all cores, and each
 * field failure a thousand times. `npm run test:release-model` prints its seed; `SEED=… RUNS=… npm run
 * test:release-model` runs the same again, `THREADS=1` on one core.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { check } from "../src/release/testing/check.ts";
import { documented } from "../src/release/testing/documented.ts";
import { runScenario, scenarios } from "../src/release/testing/scenarios.ts";

/** Runs that are drawn from one seed; the next chunk has the next seed. */
const chunk = 2_500;

/** One in so many fleets has a thousand clusters. */
const large = 2_500;

type Task = { seed: number; runs: number } & ({ kind: "model" } | { kind: "scenario"; name: string });

interface Done {
  task: Task;
  runs: number;
  failure: string | undefined;
  transitions: string[];
  commits: number;
}

function work(tasks: readonly Task[]): void {
  for (const task of tasks) parentPort?.postMessage(task.kind === "model" ? model(task) : scenario(task));
}

function model(task: Task): Done {
  const { transitions, ...rest } = check(task.seed, task.runs, large);
  return { task, ...rest, transitions: [...transitions] };
}

function scenario(task: Task & { kind: "scenario" }): Done {
  const own = scenarios.find(({ name }) => name === task.name);
  for (let i = 0; own && i < task.runs; i++) {
    const wrong = runScenario(own, task.seed + i);
    if (wrong.length > 0) {
      return {
        task,
        runs: i + 1,
        failure: `seed ${task.seed + i}: ${wrong[0]}`,
        transitions: [],
        commits: 0,
      };
    }
  }
  return {
    task,
    runs: task.runs,
    failure: own ? undefined : "no such scenario",
    transitions: [],
    commits: 0,
  };
}

function numberFrom(name: string, usual: number): number {
  const value = Number(process.env[name] ?? usual);
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`${name} must be a whole number`);
  return value;
}

interface Sum {
  runs: number;
  commits: number;
  failed: number;
  seen: Set<string>;
  started: number;
}

function tell(sum: Sum, { task, runs, failure, transitions, commits }: Done): void {
  for (const transition of transitions) sum.seen.add(transition);
  if (task.kind === "model") {
    sum.runs += runs;
    sum.commits += commits;
  }
  const seconds = (performance.now() - sum.started) / 1000;
  if (failure !== undefined) {
    sum.failed += 1;
    const what = task.kind === "model" ? "the model" : task.name;
    console.error(
      `✗ ${what}: ${failure}\nagain: SEED=${task.seed} RUNS=${task.runs} npm run test:release-model`,
    );
  } else if (task.kind === "scenario") {
    console.log(`✔ ${runs} runs: ${task.name}`);
  } else if (sum.runs % 25_000 < chunk) {
    console.log(`${sum.runs} runs, ${sum.commits} commits, ${Math.round(sum.runs / seconds)} runs a second`);
  }
}

async function start(): Promise<void> {
  const [seed, runs] = [numberFrom("SEED", Date.now() % 2 ** 31), numberFrom("RUNS", 1_000_000)];
  const each = numberFrom("SCENARIO_RUNS", 1000);
  console.log(`SEED=${seed} RUNS=${runs} SCENARIO_RUNS=${each}`);
  const tasks: Task[] = [
    ...scenarios.map(({ name }) => ({ kind: "scenario" as const, name, seed, runs: each })),
    ...Array.from({ length: Math.ceil(runs / chunk) }, (_, i) => ({
      kind: "model" as const,
      seed: seed + i,
      runs: Math.min(chunk, runs - i * chunk),
    })),
  ];
  const threads = Math.min(numberFrom("THREADS", availableParallelism()), tasks.length);
  const sum: Sum = { runs: 0, commits: 0, failed: 0, seen: new Set(), started: performance.now() };
  const shares = Array.from({ length: threads }, (_, i) => tasks.filter((_, n) => n % threads === i));
  await Promise.all(
    shares.map(
      (own) =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), { workerData: own });
          worker.on("message", (done: Done) => tell(sum, done));
          worker.on("error", reject).on("exit", () => resolve());
        }),
    ),
  );
  const seconds = (performance.now() - sum.started) / 1000;
  const known = documented(readFileSync(new URL("../docs/releases.md", import.meta.url), "utf8"));
  const unknown = [...sum.seen].filter((one) => !known.has(one));
  const unseen = runs >= 100_000 ? [...known].filter((one) => !sum.seen.has(one)) : [];
  for (const one of unknown) console.error(`✗ not in docs/releases.md: ${one}`);
  for (const one of unseen) console.error(`✗ in docs/releases.md, and never seen: ${one}`);
  console.log(
    `${sum.runs} runs, ${sum.commits} commits, ${sum.failed} failed, ${seconds.toFixed(0)} s on ${threads} threads`,
  );
  process.exitCode = sum.failed + unknown.length + unseen.length > 0 ? 1 : 0;
}

if (isMainThread) await start();
else work(workerData as Task[]);
