import { Command } from "commander";
import { check } from "../platform/check.ts";
import { counted } from "../util/counted.ts";
import { at, paint, printNext, printResult, printWarnings } from "./output.ts";

/** `landfall check`: everything `build` checks, without writing. */
export function checkCommand(): Command {
  return new Command("check")
    .description("check the declaration and everything it compiles to")
    .argument("[path]", "the declaration or its folder", ".")
    .option("--json", "one JSON document on stdout")
    .action(async (path: string, { json = false }: { json?: boolean }) => {
      const plan = await check(path);
      printWarnings(json, plan.warnings);
      const clusters = plan.clusters.map(({ name, apps, parts, bundles }) => ({
        name,
        apps: apps.length,
        parts: parts.length,
        objects: bundles.reduce((sum, { objects }) => sum + objects.length, 0),
      }));
      const lines = clusters.map(
        ({ name, apps, parts, objects }) =>
          `${paint("green", "✔")} ${plan.company} on ${name}: ${counted(apps, "app")}, ${counted(parts, "part")}, ${counted(objects, "object")}, all valid\n`,
      );
      printResult(
        json,
        { company: plan.company, clusters, warnings: plan.warnings, timings: plan.timings },
        () => lines.join(""),
      );
      printNext(json, `landfall build${at(path)}`, `landfall up${at(path)}`);
    });
}
