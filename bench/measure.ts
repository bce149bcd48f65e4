import { type ChildProcess, execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Smallest, middle and largest of some measurements. */
export interface Spread {
  min: number;
  median: number;
  max: number;
  runs: number;
}

export function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  if (values.length === 0 || values.some(Number.isNaN)) throw new Error("a figure was not measured");
  const at = (i: number) => Math.round((sorted[i] ?? Number.NaN) * 10) / 10;
  const middle = (sorted.length - 1) / 2;
  return {
    min: at(0),
    median: Math.round(((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) * 5) / 10,
    max: at(sorted.length - 1),
    runs: values.length,
  };
}

/** What the figures were taken on. */
export function machine() {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadBefore: loadavg().map((load) => Math.round(load * 10) / 10),
    commit,
    date: new Date().toISOString(),
  };
}

/** The highest proportional set size of a process and all below it in MiB, sampled while it runs, every so many milliseconds. */
export function watchMemory(child: ChildProcess, everyMs = 15): () => number {
  let peak = 0;
  const sample = () => {
    const kib = descendants(child.pid ?? 0).reduce((sum, pid) => sum + pssOf(pid), 0);
    peak = Math.max(peak, kib / 1024);
  };
  const timer = setInterval(sample, everyMs);
  child.once("close", () => clearInterval(timer));
  return () => Math.round(peak);
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(readOr(`/proc/${name}/stat`).split(") ")[1]?.split(" ")[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  for (const queue = [root]; queue.length > 0; ) {
    const pid = queue.pop() as number;
    found.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return found;
}

function pssOf(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readOr(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Write a result as JSON, and as a table that people read. */
export function writeResult(name: string, result: object, rows: string[][]): void {
  const folder = fileURLToPath(new URL("results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  const [head = [], ...body] = rows;
  const table = [head, head.map(() => "---"), ...body].map((row) => `| ${row.join(" | ")} |`).join("\n");
  writeFileSync(join(folder, `${name}.md`), `# ${name}\n\n${table}\n`);
  console.log(table);
}
