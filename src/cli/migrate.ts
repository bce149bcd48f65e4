import { relative } from "node:path";
import { Command } from "commander";
import { diffOf, uncommitted } from "../migrate/git.ts";
import { planMigration } from "../migrate/migrate.ts";
import { registry } from "../parts/index.ts";
import { writeAll } from "../util/write-all.ts";
import { at, paint, printNext, printResult } from "./output.ts";

interface Options {
  dryRun?: boolean;
  json?: boolean;
}

/** `landfall migrate`: bring the declaration's files to the newest form, proven by an empty plan. */
export function migrateCommand(): Command {
  return new Command("migrate")
    .description("rewrite a declaration of an older version, proven by an empty plan")
    .argument("[path]", "the declaration or its folder", ".")
    .option("--dry-run", "show what would change, write nothing")
    .option("--json", "one JSON document on stdout")
    .action(async (path: string, { dryRun = false, json = false }: Options) => {
      const { from, to, changes, files, fleetFiles } = await planMigration(path, registry);
      const names = files.map((file) => relative(process.cwd(), file.path));
      const dirty = await uncommitted(files.map((file) => file.path));
      const diffs = await Promise.all(files.map(diffOf));
      if (!dryRun) writeAll(files);
      const said = dirty.map((file) => relative(process.cwd(), file));
      if (said.length > 0 && !json)
        process.stderr.write(`Git could not give back, since it is not committed: ${said.join(", ")}\n`);
      const plan = { changes: 0, files: fleetFiles };
      printResult(json, { from, to, changes, files: names, uncommitted: said, dryRun, diffs, plan }, () => {
        if (files.length === 0)
          return `${paint("green", "✔")} the declaration is of version ${to}, the newest\n`;
        const head = dryRun ? diffs.join("") : names.map((name) => `  ${name}\n`).join("");
        const done = dryRun ? "would be" : "is";
        const meaning = changes.map((change) => `  ${change}\n`).join("");
        return `${head}${meaning}${paint("green", "✔")} the declaration ${done} of version ${to} (it was ${from})\nplan: no changes\n`;
      });
      printNext(json, dryRun ? `landfall migrate${at(path)}` : `landfall check${at(path)}`);
    });
}
