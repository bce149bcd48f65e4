import { relative } from "node:path";
import { Argument, Command } from "commander";
import { type CiHost, ciHosts, exportCi } from "../platform/export-ci.ts";
import { paint, printNext, printResult, printWarnings, writtenText } from "./output.ts";

interface Options {
  json?: boolean;
  out?: string;
  force?: boolean;
  branch: string;
  schedule: boolean;
}

/** `landfall export ci`: the pipelines of the repository that holds the declaration. */
export function exportCiCommand(): Command {
  return new Command("ci")
    .description("pipelines: plan each change, deliver the main branch, start and run releases")
    .addArgument(new Argument("<host>", "whose pipelines").choices(ciHosts))
    .argument("[path]", "the declaration or its folder", ".")
    .option("-o, --out <folder>", "where to write (default: where the host looks, in the Git repository)")
    .option("--branch <name>", "the branch that is delivered", "main")
    .option("--no-schedule", "the release engine runs elsewhere: on a hub, or by hand")
    .option("--force", "overwrite files that were changed by hand")
    .option("--json", "one JSON document on stdout")
    .action(async (host: CiHost, path: string, { json = false, ...options }: Options) => {
      const { plan, folder, files, secrets } = await exportCi(host, path, options);
      printWarnings(json, plan.warnings);
      const where = relative(process.cwd(), folder.path) || ".";
      const { company, warnings } = plan;
      printResult(json, { company, folder, files, secrets, warnings }, () => {
        const needed = Object.entries(secrets).map(([name, what]) => `    ${name}: ${what}\n`);
        const title = `  the environment \`fleet\`, open to ${options.branch} alone, must hold\n`;
        const all = needed.length > 0 ? title + needed.join("") : "";
        return `${paint("green", "✔")} ${where}: ${writtenText(folder)}\n${all}`;
      });
      const include = host === "gitlab" ? ["include: [{ local: .gitlab/landfall.gitlab-ci.yml }]"] : [];
      printNext(json, `git add ${where}`, ...include);
    });
}
