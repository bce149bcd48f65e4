import { Command } from "commander";
import { down } from "../platform/down.ts";
import { confirm } from "./confirm.ts";
import { at, paint, printNext, printResult } from "./output.ts";

/** `landfall down`: remove the local clusters of a declaration. */
export function downCommand(): Command {
  return new Command("down")
    .description("remove the local clusters and everything they made")
    .argument("[path]", "the declaration or its folder", ".")
    .option("--keep-data", "keep the clusters' data for the next `up`")
    .option("-y, --yes", "do not ask")
    .option("--json", "one JSON document on stdout")
    .action(
      async (
        path: string,
        {
          json = false,
          keepData = false,
          yes = false,
        }: { json?: boolean; keepData?: boolean; yes?: boolean },
      ) => {
        if (!keepData) await confirm("Remove the local clusters with their data?", { yes, json });
        const say = (line: string) =>
          json || process.stderr.write(`${paint("dim", `· ${line}`, process.stderr)}\n`);
        const removed = await down(path, { keepData, say });
        printResult(json, { clusters: removed, keepData }, () => {
          const text =
            removed.length > 0
              ? `${removed.join(", ")} ${keepData ? "stopped, data kept" : "removed"}`
              : "no local cluster was there";
          return `${paint("green", "✔")} ${text}\n`;
        });
        printNext(json, `landfall up${at(path)}`);
      },
    );
}
