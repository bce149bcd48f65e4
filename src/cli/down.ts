import { Command } from "commander";
import { declaredClusters, down, knownClusters } from "../platform/down.ts";
import { confirm } from "./confirm.ts";
import { at, paint, printNext, printResult } from "./output.ts";

interface Options {
  json?: boolean;
  keepData?: boolean;
  yes?: boolean;
  all?: boolean;
  cluster?: string[];
}

/** `landfall down`: remove the local clusters of a declaration. */
export function downCommand(): Command {
  return new Command("down")
    .description("remove the local clusters and everything they made")
    .argument("[path]", "the declaration or its folder", ".")
    .option(
      "--cluster <name...>",
      "these clusters of the machine, whatever the declaration says (`shop-local`)",
    )
    .option("--all", "every local cluster of this machine")
    .option("--keep-data", "keep the clusters' data for the next `up`")
    .option("-y, --yes", "do not ask")
    .option("--json", "one JSON document on stdout")
    .action(async (path: string, options: Options) => {
      const { json = false, keepData = false, yes = false, all, cluster } = options;
      const which =
        cluster?.join(", ") ?? (all ? "every local cluster of this machine" : "the local clusters");
      if (!keepData) await confirm(`Remove ${which} with their data?`, { yes, json });
      const names = await (all || cluster
        ? knownClusters(all ? undefined : cluster)
        : declaredClusters(path));
      const say = (line: string) =>
        json || process.stderr.write(`${paint("dim", `· ${line}`, process.stderr)}\n`);
      await down(names, { keepData, say });
      printResult(json, { clusters: names, keepData }, () => {
        const done = `${names.join(", ")} ${keepData ? "stopped, data kept" : "removed"}`;
        return `${paint("green", "✔")} ${names.length > 0 ? done : "no local cluster was there"}\n`;
      });
      printNext(json, `landfall up${at(path)}`);
    });
}
