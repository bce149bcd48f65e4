/**
 * The properties of `test/properties`, a hundred thousand cases of each, in chunks on all cores.
 * `npm run test:properties` prints its seed; `SEED=… RUNS=… npm run test:properties` runs the same cases again.
 */
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import fc from "fast-check";

/** Cases that are drawn from one seed; the next chunk has the next seed. */
const chunk = 2_500;

/** The chunks of one thread. */
interface Share {
  chunks: { seed: number; runs: number }[];
}

/** What one property took in one chunk. */
interface Done {
  title: string;
  cases: number;
  seconds: number;
  failed: boolean;
}

/** Check every property chunk by chunk; tells the main thread of each. */
async function run({ chunks }: Share): Promise<void> {
  const { properties } = await import("../test/properties/properties.ts");
  for (const { seed, runs } of chunks) {
    for (const { title, cases, check, every = 1 } of properties) {
      const started = performance.now();
      const property = fc.asyncProperty(cases, async (value) => check(value));
      const result = await fc.check(property, { numRuns: Math.ceil(runs / every), seed });
      const seconds = (performance.now() - started) / 1000;
      const done: Done = { title, cases: result.numRuns, seconds, failed: result.failed };
      if (result.failed) {
        console.error(`✗ ${title}`, fc.defaultReportMessage(result), result.errorInstance);
        console.error(`again: SEED=${seed} RUNS=${runs} npm run test:properties`);
      }
      parentPort?.postMessage(done);
    }
  }
}

function numberFrom(name: string, usual: number): number {
  const value = Number(process.env[name] ?? usual);
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`${name} must be a whole number`);
  return value;
}

/** Share the chunks among threads, and add up what they tell. */
async function start(): Promise<void> {
  const seed = numberFrom("SEED", Date.now() % 2 ** 31);
  const runs = numberFrom("RUNS", 100_000);
  console.log(`SEED=${seed} RUNS=${runs}`);
  const chunks = Array.from({ length: Math.ceil(runs / chunk) }, (_, i) => ({
    seed: seed + i,
    runs: Math.min(chunk, runs - i * chunk),
  }));
  const threads = Math.min(availableParallelism(), chunks.length);
  const started = performance.now();
  const sums = new Map<string, Done>();
  const shares = Array.from({ length: threads }, (_, i) => chunks.filter((_, n) => n % threads === i));
  const ended = shares.map(
    (own) =>
      new Promise<void>((resolve, reject) => {
        const worker = new Worker(new URL(import.meta.url), { workerData: { chunks: own } satisfies Share });
        worker.on("message", (done: Done) => add(sums, done));
        worker.on("error", reject).on("exit", () => resolve());
      }),
  );
  await Promise.all(ended);
  const seconds = (performance.now() - started) / 1000;
  console.log(`${seconds.toFixed(0)} s on ${threads} threads`);
  process.exitCode = [...sums.values()].some(({ failed }) => failed) ? 1 : 0;
}

function add(sums: Map<string, Done>, { title, cases, seconds, failed }: Done): void {
  const sum = sums.get(title) ?? { title, cases: 0, seconds: 0, failed: false };
  const next = {
    title,
    cases: sum.cases + cases,
    seconds: sum.seconds + seconds,
    failed: sum.failed || failed,
  };
  sums.set(title, next);
  const rate = Math.round(next.cases / next.seconds);
  console.log(`${failed ? "✗" : "✔"} ${next.cases} cases, ${rate} a second and thread: ${title}`);
}

if (isMainThread) await start();
else await run(workerData as Share);
