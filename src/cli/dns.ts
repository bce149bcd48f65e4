import { Command, InvalidArgumentError, Option } from "commander";
import { duration } from "../model/values.ts";
import type { DnsSource } from "../platform/dns/source.ts";
import type { DnsEvent } from "../platform/dns/watch.ts";
import { milliseconds } from "../util/durations.ts";
import { eventText, reportText } from "./dns-text.ts";
import { interruptible } from "./interrupt.ts";
import { at, printNext, printResult } from "./output.ts";

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
      const { openDnsSource } = await import("../platform/dns/source.ts");
      const source = await openDnsSource(path);
      if (options.watch) return await watch(source, options);
      const { openDnsTask } = await import("../platform/dns/task.ts");
      const { dnsRound, noMemory } = await import("../platform/dns/round.ts");
      const task = await openDnsTask(source);
      try {
        const { apply = false, json = false } = options;
        const report = await dnsRound(task, noMemory(), { apply });
        printResult(json, report, () => reportText(report));
        if (report.problems.length > 0) process.exitCode = 1;
        printNext(json, apply ? `landfall dns${at(path)} --watch` : `landfall dns${at(path)} --apply`);
      } finally {
        task.clusters.close();
      }
    });
}

function intervalOf(text: string): number {
  const ms = duration.safeParse(text).success ? milliseconds(text) : 0;
  if (ms < 1000) throw new InvalidArgumentError("must be a duration of 1s or more, e.g. 5s");
  return ms;
}

async function watch(source: DnsSource, { every, json = false }: Options): Promise<void> {
  const { keepDns } = await import("../platform/dns/watch.ts");
  let last = "";
  const onEvent = (event: DnsEvent) => {
    if (json) return void process.stdout.write(`${JSON.stringify(event)}\n`);
    const text = eventText(event);
    // Only what is new is worth a line.
    if (text !== last) process.stdout.write(text);
    last = text;
  };
  await keepDns(source, { everyMs: every, signal: interruptible(), onEvent });
}
