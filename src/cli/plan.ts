import { Command, Option } from "commander";
import { planMarkdown } from "../changes/markdown.ts";
import { planFleet, planLive } from "../platform/plan.ts";
import { type FleetPlan, savePlan } from "../platform/plan-file.ts";
import { at, printNext, printResult, printWarnings } from "./output.ts";
import { planText } from "./plan-text.ts";

interface Options {
  base?: string;
  live?: boolean;
  cluster?: string;
  out?: string;
  markdown?: boolean;
  exitCode?: boolean;
  json?: boolean;
}

/** `landfall plan`: what a declaration changes, before anything is written. Exit code 3 with `--exit-code` and changes. */
export function planCommand(): Command {
  return new Command("plan")
    .description("show what the declaration changes, before anything is written")
    .argument("[path]", "the declaration or its folder", ".")
    .option("-b, --base <commit|folder>", "what to compare with (default: the fleet repo's head)")
    .addOption(new Option("--live", "compare with what runs on the clusters").conflicts(["base", "out"]))
    .option("--cluster <name>", "with --live: this cluster alone")
    .option("-o, --out <file>", "save the plan: `landfall build --plan <file>` builds exactly it, or nothing")
    .option("--markdown", "for a pull request")
    .option("--exit-code", "end with 3 when there are changes")
    .option("--json", "one JSON document on stdout")
    .action(
      async (path: string, { json = false, markdown, out, exitCode, live, cluster, ...options }: Options) => {
        const plan = live
          ? await planLive(path, cluster)
          : await planFleet(path, { ...options, exact: out !== undefined });
        printWarnings(json, plan.warnings);
        if (out) savePlan(out, plan);
        printResult(json, { ...plan, out }, () => (markdown ? asMarkdown(plan) : planText(plan.changes)));
        const changed = plan.changes.units.length > 0;
        if (exitCode && changed) process.exitCode = 3;
        if (!changed) printNext(json, `landfall status${at(path)}`);
        else printNext(json, `landfall build${at(path)}${out ? ` --plan ${out}` : ""} --commit`);
      },
    );
}

function asMarkdown({ company, changes, base }: FleetPlan): string {
  return planMarkdown(company, changes, base.title);
}
