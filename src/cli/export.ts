import { relative } from "node:path";
import { Command } from "commander";
import { exportHelm } from "../platform/export.ts";
import { exportCiCommand } from "./export-ci.ts";
import { paint, printNext, printResult, printWarnings, writtenText } from "./output.ts";

interface Options {
  json?: boolean;
  out?: string;
  force?: boolean;
}

/** `landfall export`: what is declared, in the form of other tools. */
export function exportCommand(): Command {
  const command = new Command("export").description(
    "write the apps for Helm, or the pipelines of a Git host",
  );
  command
    .command("helm")
    .description("one generic Helm chart, and values for each app and environment")
    .argument("[path]", "the declaration or its folder", ".")
    .option("-o, --out <folder>", "where to write (default: `charts` beside the declaration)")
    .option("--force", "overwrite files that were changed by hand")
    .option("--json", "one JSON document on stdout")
    .action(async (path: string, { json = false, ...options }: Options) => {
      const { plan, folder, secrets } = await exportHelm(path, options);
      printWarnings(json, plan.warnings);
      if (secrets.identity && !json)
        process.stderr.write(
          `new age identity ${secrets.identity}: back it up, it alone decrypts the secrets\n`,
        );
      const where = relative(process.cwd(), folder.path) || ".";
      const { company, warnings, timings } = plan;
      printResult(
        json,
        { company, folder, identity: secrets.identity, warnings, timings },
        () => `${paint("green", "✔")} ${where}: ${writtenText(folder)}\n`,
      );
      printNext(json, `helm lint --strict ${where}/chart`, `cat ${where}/README.md`);
    });
  return command.addCommand(exportCiCommand());
}
