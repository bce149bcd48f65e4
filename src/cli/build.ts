import { relative } from "node:path";
import { Command } from "commander";
import { stepTexts } from "../changes/step-texts.ts";
import type { Built } from "../platform/build.ts";
import type { Rebuilt } from "../platform/rebuild/index.ts";
import { failure } from "../util/errors.ts";
import { interruptible } from "./interrupt.ts";
import { at, paint, printNext, printResult, printWarnings, reportFailure, writtenText } from "./output.ts";

interface Options {
  json?: boolean;
  out?: string;
  force?: boolean;
  plan?: string;
  commit?: boolean;
  watch?: boolean;
  message?: string;
}

/** `landfall build`: write the fleet's files; with `--commit` let the clusters have them. */
export function buildCommand(): Command {
  return new Command("build")
    .description("compile the declaration to the fleet repo's files")
    .argument("[path]", "the declaration or its folder", ".")
    .option("-o, --out <folder>", "where to write (default: `fleet.path` of the declaration)")
    .option("--force", "overwrite files that were changed by hand")
    .option("-w, --watch", "build again with every change, until interrupted")
    .option("--plan <file>", "build exactly what a saved plan shows, or nothing")
    .option("--commit", "commit to the fleet repo, from which running clusters take the change")
    .option("-m, --message <text>", "the commit's message", "chore(fleet): build from the declaration")
    .option("--json", "one JSON document on stdout; with --watch one a build")
    .action(async (path: string, options: Options) => {
      if (options.watch) return watch(path, options);
      const { json = false, commit, message = "" } = options;
      const built = await buildOnce(path, options);
      const delivered = commit && "plan" in built ? await commitBuilt(built, message, json) : undefined;
      print(built, { json, delivered });
      // What waits for a cluster goes on with the next delivery.
      const again = delivered?.steps.length ? [`landfall build${at(path)} --commit`] : [];
      if (commit) printNext(json, `landfall status${at(path)}`, ...again);
      else printNext(json, `landfall build${at(path)} --commit`, `landfall up${at(path)}`);
    });
}

/** A small change of a large estate is built without loading the whole compiler. */
async function buildOnce(path: string, { commit, plan, force, out }: Options): Promise<Built | Rebuilt> {
  const given = { ...(out && { out }), ...(force && { force }), ...(plan && { plan }) };
  if (!(commit || plan || force)) {
    const { rebuild } = await import("../platform/rebuild/index.ts");
    const quick = rebuild(path, given);
    if (quick) return quick;
  }
  const { build } = await import("../platform/build.ts");
  return build(path, given);
}

async function commitBuilt({ plan }: Built, message: string, json: boolean) {
  const { deliver } = await import("../platform/deliver.ts");
  const say = (line: string) => json || process.stderr.write(`${line}\n`);
  return deliver(plan, message, { say, signal: interruptible() });
}

async function watch(path: string, { json = false, out, force, commit, plan }: Options): Promise<void> {
  if (commit || plan) {
    throw failure("LF9001", {
      what: "--watch writes the fleet's files only",
      fix: "leave --commit and --plan away, and commit what you have seen: landfall build --commit",
    });
  }
  const { watchBuilds } = await import("../platform/rebuild/watch.ts");
  const given = { ...(out && { out }), ...(force && { force }) };
  await watchBuilds(path, given, {
    signal: interruptible(),
    onBuild: (result) => {
      if (!result.ok) reportFailure(json, result.error);
      else print(result.built, { json, ms: result.ms });
    },
  });
}

type Delivered = Awaited<ReturnType<typeof commitBuilt>>;

function print(
  built: Built | Rebuilt,
  { json, delivered, ms }: { json: boolean; delivered?: Delivered | undefined; ms?: number },
): void {
  const whole = "plan" in built ? built : undefined;
  const { company, warnings, timings } = whole ? whole.plan : (built as Rebuilt);
  const identity = whole?.secrets.identity;
  printWarnings(json, [...warnings, ...(delivered?.held ?? [])]);
  if (identity && !json)
    process.stderr.write(`new age identity ${identity}: back it up, it alone decrypts the secrets\n`);
  const { folder } = built;
  const where = relative(process.cwd(), folder.path) || ".";
  printResult(json, { company, folder, commit: delivered, identity, warnings, timings }, () => {
    const files = writtenText(folder);
    const committed =
      delivered &&
      (delivered.changed ? `, committed as ${delivered.commit.slice(0, 8)}` : ", nothing to commit");
    const took = ms === undefined ? "" : ` in ${Math.round(ms)} ms`;
    const waiting = stepTexts(delivered?.steps ?? []).map((step) => `  hand-over: ${step}\n`);
    return `${paint("green", "✔")} ${where}: ${files}${committed ?? ""}${took}\n${waiting.join("")}`;
  });
}
