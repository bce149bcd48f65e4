/**
 * `npm run bench -- up [--runs N] [--cold]`: the shop from nothing to a page, warm or (`--cold`) with every program
 * built from source in an empty LANDFALL_HOME with an empty Go build cache; downloaded Go modules and Debian packages
 * that are installed stay. Works on a copy with ports of its own.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect } from "../src/cluster/client.ts";
import { copyShop, finish, type ShopCopy, visit } from "../test/e2e/landfall.ts";
import { machine, type Spread, spread, watchMemory, writeResult } from "./measure.ts";

/** Seconds since `up` was started; memory in MiB. */
interface UpTimes {
  apiReady: number;
  firstPodReady: number;
  allReady: number;
  total: number;
}

export async function run(args: string[]): Promise<void> {
  if (args.includes("--cold")) return cold();
  const runs = Math.max(3, Number(args[args.indexOf("--runs") + 1]) || 5);
  const shop = await copyShop();
  const about = machine();
  try {
    const check = await repeat(runs, () => command(shop, "check"));
    await command(shop, "build");
    const build = await repeat(runs, (i) => {
      shop.edit(/RATE: [\d.]+/, `RATE: ${3 + i / 10}`);
      return command(shop, "build");
    });
    const ups: UpTimes[] = [];
    for (let i = 0; i < runs; i++) {
      if (i > 0) await shop.run("down", "--yes");
      ups.push(await timedUp(shop));
    }
    const second = await repeat(runs, () => command(shop, "up"));
    const commits = await repeat(runs, (i) => commitToApplied(shop, i));
    const platform = await platformMemory(shop);
    report(about, { check, build, ups, second, commits, platform });
  } finally {
    await shop.run("down", "--yes");
    shop.remove();
  }
}

interface Figures {
  check: { ms: number; mib: number }[];
  build: { ms: number; mib: number }[];
  ups: UpTimes[];
  second: { ms: number }[];
  commits: { reconciled: number; total: number }[];
  platform: number;
}

function report(about: object, { check, build, ups, second, commits, platform }: Figures): void {
  const rows: [string, string, Spread, string][] = [
    ["`check`, warm", "ms", spread(check.map(({ ms }) => ms)), "≤ 1000"],
    ["`check`, memory of all its processes", "MiB (PSS)", spread(check.map(({ mib }) => mib)), "≤ 200"],
    ["`build`, warm", "ms", spread(build.map(({ ms }) => ms)), "≤ 2000"],
    ["`build`, memory of all its processes", "MiB (PSS)", spread(build.map(({ mib }) => mib)), "≤ 200"],
    ["`up`, warm: API ready", "s", spread(ups.map(({ apiReady }) => apiReady)), "≤ 4"],
    ["`up`, warm: first pod Ready", "s", spread(ups.map(({ firstPodReady }) => firstPodReady)), "≤ 12"],
    [
      "`up`, warm: everything Ready, gateway answers",
      "s",
      spread(ups.map(({ allReady }) => allReady)),
      "≤ 45",
    ],
    ["second `up` on a running cluster", "s", spread(second.map(({ ms }) => ms / 1000)), "≤ 5"],
    ["fleet commit to applied", "s", spread(commits.map(({ reconciled }) => reconciled)), "≤ 2"],
    ["`build --commit` started to applied", "s", spread(commits.map(({ total }) => total)), "≤ 5"],
    ["all of the platform's processes", "MiB (PSS)", spread([platform]), "≤ 2560"],
  ];
  writeResult(
    "up",
    {
      machine: about,
      figures: Object.fromEntries(
        rows.map(([name, unit, value, target]) => [name, { unit, target, ...value }]),
      ),
    },
    [
      ["what", "unit", "min", "median", "max", "runs", "target"],
      ...rows.map(([name, unit, { min, median, max, runs }, target]) =>
        [name, unit, min, median, max, runs, target].map(String),
      ),
    ],
  );
}

async function repeat<T>(runs: number, measure: (i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < runs; i++) results.push(await measure(i));
  return results;
}

async function command(shop: ShopCopy, ...args: string[]): Promise<{ ms: number; mib: number }> {
  const child = shop.start(...args, "--json");
  const peak = watchMemory(child);
  const { ms, code, stdout } = await finish(child);
  if (code !== 0) throw new Error(`landfall ${args.join(" ")} ended with ${code}: ${stdout.slice(-1000)}`);
  return { ms, mib: peak() };
}

async function timedUp(shop: ShopCopy): Promise<UpTimes> {
  const start = performance.now();
  const since = () => Math.round((performance.now() - start) / 10) / 100;
  const times: UpTimes = {
    apiReady: Number.NaN,
    firstPodReady: Number.NaN,
    allReady: Number.NaN,
    total: Number.NaN,
  };
  const child = shop.start("up", "--json");
  const stop = new AbortController();
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    const event = JSON.parse(line) as { task?: string; state?: string; text?: string };
    if (event.text === "kube-apiserver is healthy") times.apiReady = since();
    if (event.task === "gateway" && event.state === "done") times.allReady = since();
  });
  const watching = watchFirstPod(shop, stop.signal).then(() => {
    times.firstPodReady = since();
  });
  const { code } = await finish(child);
  times.total = since();
  stop.abort();
  await watching;
  if (code !== 0) throw new Error(`up ended with ${code}`);
  return times;
}

/** Resolves when any pod is Ready, or with the signal. */
async function watchFirstPod(shop: ShopCopy, signal: AbortSignal): Promise<void> {
  const kubeconfig = join(shop.home, "clusters/shop-local/kubeconfig");
  while (!signal.aborted) {
    try {
      const client = connect({ kubeconfig, timeoutMs: 1000 });
      const pods = await client.list({ apiVersion: "v1", kind: "Pod" });
      client.close();
      const ready = pods.some(({ status }) =>
        (status as { conditions?: { type: string; status: string }[] }).conditions?.some(
          (c) => c.type === "Ready" && c.status === "True",
        ),
      );
      if (ready) return;
    } catch {
      // Not there yet.
    }
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** One edit of the declaration until the cluster's Deployment has it, and until Flux says it applied it. */
async function commitToApplied(shop: ShopCopy, i: number): Promise<{ reconciled: number; total: number }> {
  const client = connect({ kubeconfig: join(shop.home, "clusters/shop-local/kubeconfig") });
  shop.edit(/RATE: [\d.]+/, `RATE: ${1 + i / 10}`);
  const start = performance.now();
  const applied = (async () => {
    for (;;) {
      const live = await client.get({ apiVersion: "apps/v1", kind: "Deployment" }, "loadgen", "shop");
      if (JSON.stringify(live?.spec).includes(`"value":"${1 + i / 10}"`)) return performance.now();
      await new Promise((next) => setTimeout(next, 25));
    }
  })();
  const result = await shop.run("build", "--commit", "--json");
  if (result.code !== 0) throw new Error(result.stdout);
  const end = await applied;
  client.close();
  const { committedAt } = (result.json() as unknown as { commit: { committedAt: number } }).commit;
  return { reconciled: (performance.timeOrigin + end - committedAt) / 1000, total: (end - start) / 1000 };
}

async function platformMemory(shop: ShopCopy): Promise<number> {
  const result = (await shop.run("status", "--json")).json() as unknown as {
    clusters: { embedded: { memory: number } }[];
  };
  return (result.clusters[0]?.embedded.memory ?? 0) / 2 ** 20;
}

async function cold(): Promise<void> {
  const about = machine();
  const base = mkdtempSync(join(tmpdir(), "landfall-cold-"));
  process.env.LANDFALL_HOME = join(base, "home");
  process.env.GOCACHE = join(base, "go-build");
  const shop = await copyShop();
  try {
    const start = performance.now();
    const child = shop.start("up");
    let lines = 0;
    let last = start;
    let longestGap = 0;
    const marks: string[] = [];
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on("line", (line) => {
      lines++;
      longestGap = Math.max(longestGap, performance.now() - last);
      last = performance.now();
      if (/^✔|^✖|error/.test(line)) marks.push(line);
    });
    const { code } = await finish(child);
    const minutes = (performance.now() - start) / 60_000;
    const page = code === 0 ? (await visit(shop, "/")).status : 0;
    const result = {
      machine: about,
      code,
      minutes,
      lines,
      longestGapSeconds: longestGap / 1000,
      page,
      tasks: marks,
    };
    writeResult("up-cold", result, [
      ["what", "figure", "target"],
      ["cold `up`, every program built from source", `${minutes.toFixed(1)} min`, "≤ 15 min"],
      ["longest time without a progress line", `${(longestGap / 1000).toFixed(1)} s`, "≤ 2 s"],
      ["the storefront's page", String(page), "200"],
      ...marks.map((mark) => [mark.replace(/^✔ /, ""), "", ""]),
    ]);
  } finally {
    await shop.run("down", "--yes");
    shop.remove();
    rmSync(base, { recursive: true, force: true });
  }
}
