import { relative } from "node:path";
import { Command } from "commander";
import { build } from "../platform/build.ts";
import { deliver } from "../platform/deliver.ts";
import { interruptible } from "./interrupt.ts";
import { at, paint, printNext, printResult, printWarnings } from "./output.ts";

interface Options {
  json?: boolean;
  out?: string;
  force?: boolean;
  plan?: string;
  commit?: boolean;
  message?: string;
}

/** `landfall build`: write the fleet's files; with `--commit` let the clusters have them. */
export function buildCommand(): Command {
  return new Command("build")
    .description("compile the declaration to the fleet repo's files")
    .argument("[path]", "the declaration or its folder", ".")
    .option("-o, --out <folder>", "where to write (default: `fleet.path` of the declaration)")
    .option("--force", "overwrite files that were changed by hand")
    .option("--plan <file>", "build exactly what a saved plan shows, or nothing")
    .option("--commit", "commit to the fleet repo, from which running clusters take the change")
    .option("-m, --message <text>", "the commit's message", "chore(fleet): build from the declaration")
    .option("--json", "one JSON document on stdout")
    .action(async (path: string, { json = false, commit, message = "", ...options }: Options) => {
      const { plan, folder, secrets } = await build(path, options);
      printWarnings(json, plan.warnings);
      if (secrets.identity && !json) {
        process.stderr.write(
          `new age identity ${secrets.identity}: back it up, it alone decrypts the secrets\n`,
        );
      }
      const delivered = commit
        ? await deliver(plan, message, {
            say: (line) => json || process.stderr.write(`${line}\n`),
            signal: interruptible(),
          })
        : undefined;
      const where = relative(process.cwd(), folder.path) || ".";
      printResult(
        json,
        {
          company: plan.company,
          folder,
          commit: delivered,
          identity: secrets.identity,
          warnings: plan.warnings,
          timings: plan.timings,
        },
        () => {
          const files = `${folder.written} files written, ${folder.removed} removed, ${folder.unchanged} unchanged`;
          const committed =
            delivered &&
            (delivered.changed ? `, committed as ${delivered.commit.slice(0, 8)}` : ", nothing to commit");
          return `${paint("green", "✔")} ${where}: ${files}${committed ?? ""}\n`;
        },
      );
      if (commit) printNext(json, `landfall status${at(path)}`);
      else printNext(json, `landfall build${at(path)} --commit`, `landfall up${at(path)}`);
    });
}
