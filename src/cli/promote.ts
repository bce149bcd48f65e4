import { Command } from "commander";
import { type Aspect, aspectNames, promote } from "../platform/bulk/promote.ts";
import { failure } from "../util/errors.ts";
import { bulkDocument, bulkText, nextCommand } from "./bulk-text.ts";
import { printNext, printResult } from "./output.ts";

interface Options {
  dir: string;
  where?: string;
  with?: Aspect[];
  older?: boolean;
  dryRun?: boolean;
  commit: boolean;
  plan: boolean;
  json?: boolean;
}

/** `landfall promote staging prod`: let an environment run what another one runs, in one commit. */
export function promoteCommand(): Command {
  return new Command("promote")
    .description("let an environment run what another one runs, in one commit")
    .argument("<environments...>", "from and to: staging prod, or staging to prod")
    .option("-w, --where <filter>", "for which apps: team=pay")
    .option("--with <more>", "more than versions: env,config,replicas", readAspects)
    .option("--older", "also where the target has a newer version")
    .option("-n, --dry-run", "show what would change, write nothing")
    .option("--no-commit", "write the files, do not commit them")
    .option("--no-plan", "do not compile it and compare with the fleet repo")
    .option("-C, --dir <path>", "the declaration or its folder", ".")
    .option("--json", "one JSON document on stdout")
    .action(async (words: string[], { dir, json = false, ...options }: Options) => {
      const [from = "", to = "", ...rest] = words.filter((word) => !["to", "→", "->"].includes(word));
      if (to === "" || rest.length > 0)
        throw failure("LF9001", {
          what: `${words.join(" ")} is not one environment and another`,
          fix: "write landfall promote staging prod",
        });
      const result = await promote(dir, { from, to, ...options });
      const { dryRun = false } = options;
      printResult(json, bulkDocument(result, { dryRun }), () =>
        bulkText(result, { what: `${from} → ${to}`, dryRun }),
      );
      printNext(json, nextCommand(dir, dryRun));
    });
}

function readAspects(text: string): Aspect[] {
  const names = text.split(",");
  const unknown = names.find((name) => !(aspectNames as string[]).includes(name));
  if (unknown === undefined) return names as Aspect[];
  throw failure("LF9001", {
    what: `--with takes ${aspectNames.join(", ")}, not ${unknown}`,
    fix: "name these, with commas between",
  });
}
