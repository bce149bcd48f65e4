import { Argument, Command } from "commander";
import { setValues } from "../platform/bulk/set.ts";
import { type WishKind, wishKinds } from "../platform/bulk/wishes.ts";
import { bulkDocument, bulkText, nextCommand } from "./bulk-text.ts";
import { printNext, printResult } from "./output.ts";

interface Options {
  dir: string;
  where?: string;
  all?: boolean;
  inPlace?: boolean;
  dryRun?: boolean;
  commit: boolean;
  plan: boolean;
  json?: boolean;
}

/** `landfall set image|version|env|config|replicas|weight`: one value of many apps, in one commit. */
export function setCommand(): Command {
  return new Command("set")
    .description("change one value of many apps, in one commit")
    .addArgument(new Argument("<what>", "what to set").choices(wishKinds))
    .argument(
      "<value...>",
      "web=registry/web:1.2 · 1.2.3 · LOG_LEVEL=debug · app.json#ttl=30 · 3..12 · web-v2=25; NAME- removes",
    )
    .option("-w, --where <filter>", "for which apps, and where: tier=web,env=prod")
    .option("--all", "for every app")
    .option("--in-place", "write into the source, where the value stands there alone")
    .option("-n, --dry-run", "show what would change, write nothing")
    .option("--no-commit", "write the files, do not commit them")
    .option("--no-plan", "do not compile it and compare with the fleet repo")
    .option("-C, --dir <path>", "the declaration or its folder", ".")
    .option("--json", "one JSON document on stdout")
    .action(async (kind: WishKind, values: string[], { dir, json = false, ...options }: Options) => {
      const result = await setValues(dir, { kind, values, ...options });
      const { dryRun = false, inPlace = false } = options;
      printResult(json, bulkDocument(result, { dryRun, inPlace }), () =>
        bulkText(result, { what: `${kind} ${values.join(" ")}`, dryRun, inPlace }),
      );
      printNext(json, nextCommand(dir, dryRun));
    });
}
