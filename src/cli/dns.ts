import { Command, InvalidArgumentError, Option } from "commander";
import type { WantedName } from "../dns/wanted.ts";
import { duration } from "../model/values.ts";
import type { DnsReport } from "../platform/dns/round.ts";
import type { DnsEvent } from "../platform/dns/watch.ts";
import { counted } from "../util/counted.ts";
import { milliseconds } from "../util/durations.ts";
import { interruptible } from "./interrupt.ts";
import { at, paint, printNext, printResult, table } from "./output.ts";

interface Options {
  apply?: boolean;
  watch?: boolean;
  every: number;
  json?: boolean;
}

/** `landfall dns`: who answers each name, by what clusters serve and how they are. Exit code 1 when an app lost a name. */
export function dnsCommand(): Command {
  return new Command("dns")
    .description("show which clusters answer each name, and keep the records so")
    .argument("[path]", "the declaration or its folder", ".")
    .option("--apply", "write the records once")
    .option("-w, --watch", "keep the records by the health of the clusters, until interrupted")
    .addOption(
      new Option("--every <duration>", "how often --watch looks at the clusters")
        .argParser(intervalOf)
        .default(5000, "5s"),
    )
    .option("--json", "one JSON document on stdout; with --watch one a round")
    .action(async (path: string, options: Options) => {
      const { openDnsTask } = await import("../platform/dns/task.ts");
      const task = await openDnsTask(path);
      try {
        if (options.watch) return await watch(task, options);
        const { dnsRound, noMemory } = await import("../platform/dns/round.ts");
        const { apply = false, json = false } = options;
        const report = await dnsRound(task, noMemory(), { apply });
        printResult(json, report, () => reportText(report));
        if (report.problems.length > 0) process.exitCode = 1;
        printNext(json, apply ? `landfall dns${at(path)} --watch` : `landfall dns${at(path)} --apply`);
      } finally {
        task.close();
      }
    });
}

function intervalOf(text: string): number {
  const ms = duration.safeParse(text).success ? milliseconds(text) : 0;
  if (ms < 1000) throw new InvalidArgumentError("must be a duration of 1s or more, e.g. 5s");
  return ms;
}

type Task = Awaited<ReturnType<typeof import("../platform/dns/task.ts").openDnsTask>>;

async function watch(task: Task, { every, json = false }: Options): Promise<void> {
  const { keepDns } = await import("../platform/dns/watch.ts");
  let last = "";
  const onEvent = (event: DnsEvent) => {
    if (json) return void process.stdout.write(`${JSON.stringify(event)}\n`);
    const text = eventText(event);
    // Only what is new is worth a line.
    if (text !== last) process.stdout.write(text);
    last = text;
  };
  await keepDns(task, { everyMs: every, signal: interruptible(), onEvent });
}

function eventText(event: DnsEvent): string {
  if (event.type === "standby") return `standing by: ${event.owner} keeps the records\n`;
  if (event.type === "failed") return `${paint("red", "✖")} ${event.why}\n`;
  return reportText(event);
}

function reportText({ names, problems, unseen }: DnsReport): string {
  const rows = names.map((name) => [
    paint(name.failed.length > 0 ? "yellow" : "green", name.failed.length > 0 ? "!" : "✔"),
    name.host,
    sharesText(name),
    name.failed.length > 0 ? `not well: ${name.failed.join(", ")}` : "",
  ]);
  const lost = problems.map(({ what, why, fix }) => `${paint("red", "✖")} ${what}\n  ${why}\n  fix ${fix}\n`);
  const silent = unseen.map(
    ({ cluster, why }) =>
      `${paint("yellow", "!")} ${cluster} was not asked, what was last seen of it counts: ${why}\n`,
  );
  return `${counted(names.length, "name")}\n${rows.length > 0 ? table(rows) : ""}${lost.join("")}${silent.join("")}`;
}

function sharesText({ shares }: WantedName): string {
  const all = shares.reduce((sum, { weight }) => sum + weight, 0);
  return shares.map(({ cluster, weight }) => `${cluster} ${Math.round((100 * weight) / all)} %`).join(", ");
}
