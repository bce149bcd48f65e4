import { relative } from "node:path";
import { Command } from "commander";
import { exportHelm } from "../platform/export.ts";
import { paint, printNext, printResult, printWarnings } from "./output.ts";

interface Options {
  json?: boolean;
  out?: string;
  force?: boolean;
}

/** `landfall export`: what is declared, for those who deliver it by other means. */
export function exportCommand(): Command {
  const command = new Command("export").description("write the apps for those who deliver by other means");
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
        () =>
          `${paint("green", "✔")} ${where}: ${folder.written} files written, ${folder.removed} removed, ${folder.unchanged} unchanged\n`,
      );
      printNext(json, `helm lint --strict ${where}/chart`, `cat ${where}/README.md`);
    });
  return command;
}
