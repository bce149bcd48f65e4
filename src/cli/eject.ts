import { relative } from "node:path";
import { Command } from "commander";
import { eject } from "../platform/eject.ts";
import { paint, printNext, printResult, printWarnings } from "./output.ts";

interface Options {
  json?: boolean;
  out?: string;
  url?: string;
  force?: boolean;
}

/** `landfall eject`: the fleet repo, to be lived with without landfall. */
export function ejectCommand(): Command {
  return new Command("eject")
    .description("write the fleet repo so that it works with Flux alone")
    .argument("[path]", "the declaration or its folder", ".")
    .option("-o, --out <folder>", "where to write (default: `ejected` beside the declaration)")
    .option("--url <url>", "the Git host's address, where the declaration has no `fleet.url`")
    .option("--force", "overwrite files that were changed by hand")
    .option("--json", "one JSON document on stdout")
    .action(async (path: string, { json = false, ...options }: Options) => {
      const { plan, folder, built, added } = await eject(path, options);
      printWarnings(json, plan.warnings);
      const where = relative(process.cwd(), folder.path) || ".";
      const { company, warnings } = plan;
      printResult(
        json,
        { company, folder, built, added, warnings },
        () =>
          `${paint("green", "✔")} ${where}: ${built} files as built, ${added.length} to go on without landfall\n`,
      );
      printNext(json, `cat ${where}/README.md`);
    });
}
