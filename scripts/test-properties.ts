/**
 * The properties of `test/properties`, a hundred thousand cases of each, on all cores.
 * `npm run test:properties` prints its seeds; `SEED=… RUNS=… npm run test:properties` runs the same cases again.
 */
import { availableParallelism } from "node:os";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import fc from "fast-check";

/** A share of the cases: `runs` from `seed` on. */
interface Share {
  seed: number;
  runs: number;
}

/** Check every property; the exit code is 1 where one does not hold. */
async function run({ seed, runs }: Share): Promise<void> {
  const { properties } = await import("../test/properties/properties.ts");
  for (const { title, cases, check, every = 1 } of properties) {
    const started = performance.now();
    const property = fc.asyncProperty(cases, async (value) => check(value));
    const result = await fc.check(property, { numRuns: Math.ceil(runs / every), seed });
    const seconds = (performance.now() - started) / 1000;
    const rate = `${result.numRuns} cases in ${seconds.toFixed(1)} s, ${Math.round(result.numRuns / seconds)} a second`;
    console.log(`${result.failed ? "✗" : "✔"} ${title}: ${rate}`);
    if (!result.failed) continue;
    console.error(fc.defaultReportMessage(result), result.errorInstance);
    console.error(`again: SEED=${seed} RUNS=${runs} npm run test:properties`);
    process.exitCode = 1;
  }
}

function numberFrom(name: string, usual: number): number {
  const value = Number(process.env[name] ?? usual);
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`${name} must be a whole number`);
  return value;
}

function start(): void {
  const seed = numberFrom("SEED", Date.now() % 2 ** 31);
  const runs = numberFrom("RUNS", 100_000);
  // Given a seed, one thread runs all of its cases, so that what failed in a share fails again.
  const threads = process.env.SEED === undefined ? Math.min(availableParallelism(), runs) : 1;
  for (let i = 0; i < threads; i++) {
    const share: Share = { seed: seed + i, runs: Math.ceil(runs / threads) };
    console.log(`SEED=${share.seed} RUNS=${share.runs}`);
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on("exit", (code) => {
      process.exitCode ||= code;
    });
  }
}

if (isMainThread) start();
else await run(workerData as Share);
