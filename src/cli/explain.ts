import { Command } from "commander";
import { type Explained, type Explanation, explain, type Step } from "../platform/explain.ts";
import { formatPlace } from "../util/errors.ts";
import { at, paint, printNext, printResult, table } from "./output.ts";

/** `landfall explain`: what a value is, where it comes from, and every layer that touched it. */
export function explainCommand(): Command {
  return new Command("explain")
    .description("tell what a value of the declaration is, where it comes from and what changed it")
    .argument("<key>", "a key path, such as app.cart.scale.max, app.cart or fleet.branch")
    .argument("[path]", "the declaration or its folder", ".")
    .option(
      "-c, --cluster <name>",
      "as this cluster sees it (default: each distinct value with its clusters)",
    )
    .option("--json", "one JSON document on stdout")
    .action(
      async (key: string, path: string, { json = false, cluster }: { json?: boolean; cluster?: string }) => {
        const explanation = await explain(path, key, cluster);
        printResult(json, explanation, () =>
          explanation.values.map((each) => asText(explanation, each)).join("\n"),
        );
        printNext(json, `landfall check${at(path)}`);
      },
    );
}

const mostClusters = 8;

function asText(
  { path, app, placed }: Explanation,
  { value, clusters, steps, leaves, where }: Explained,
): string {
  const names = clusters.slice(0, mostClusters).join(", ");
  const more = clusters.length > mostClusters ? ` and ${clusters.length - mostClusters} more` : "";
  const on = clusters.length > 0 ? ` on ${names}${more}` : "";
  const absent = placed === false ? paint("yellow", `  ${app} does not run there\n`) : "";
  if (!leaves) {
    const origin = where ? formatPlace(where) : value === undefined ? "nothing" : "a default";
    const story = value === undefined && steps.length === 1 ? "" : table(steps.map(stepRow));
    return `${paint("bold", path)}${on}: ${shown(value)}\n${absent}  from ${origin}\n${story}`;
  }
  const below = path
    .split(".")
    .slice(app ? 2 : 0)
    .join(".");
  const told = leaves.filter((leaf) => leaf.where || !isEmpty(leaf.value));
  const rows = told.map((leaf) => [
    leaf.path.slice(below && leaf.path.startsWith(below) ? below.length + 1 : 0) || leaf.path,
    shown(leaf.value),
    paint("dim", leaf.where ? formatPlace(leaf.where) : "default"),
  ]);
  const touched = steps.filter(({ by }) => by !== "default");
  return `${paint("bold", path)}${on}\n${absent}${table(rows)}${touched.length > 0 ? `  set by\n${table(touched.map(originRow))}` : ""}`;
}

/** The value after each step, with where it was said. */
function stepRow(step: Step, i: number, all: Step[]): string[] {
  const before = all[i - 1];
  const change = before ? `${shown(before.value)} → ${shown(step.value)}` : shown(step.value);
  return [change, ...originRow(step)];
}

function originRow({ by, labels, where }: Step): string[] {
  const place = where ? formatPlace(where) : "";
  const asked = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  // A data file is named by its place already.
  const title = by.endsWith(".json") ? "" : by;
  return [place || title, place ? title : "", asked.join(", ")];
}

/** Lists and mappings that are empty by default say nothing. */
function isEmpty(value: unknown): boolean {
  return value !== null && typeof value === "object" && Object.keys(value).length === 0;
}

const mostText = 60;

function shown(value: unknown): string {
  if (value === undefined) return "not set";
  const text = JSON.stringify(value);
  return text.length > mostText ? `${text.slice(0, mostText - 1)}…` : text;
}
