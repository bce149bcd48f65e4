import { Command, Option } from "commander";
import { diffGraphs } from "../graph/diff.ts";
import { type DrawnFormat, drawGraph } from "../graph/draw/draw.ts";
import { graphJson, impactJson, wavesJson } from "../graph/draw/json.ts";
import { diffText, graphText, impactText, orderText } from "../graph/draw/text.ts";
import { filterGraph } from "../graph/filter.ts";
import type { Graph, GraphNode } from "../graph/graph.ts";
import { impactOf } from "../graph/impact.ts";
import { waves } from "../graph/order.ts";
import { findNode, type OpenedGraph, openGraph, openRollout } from "../platform/graph.ts";
import { failure } from "../util/errors.ts";
import { at, printNext, printResult } from "./output.ts";

interface Options {
  format: "text" | "json" | DrawnFormat;
  json?: boolean;
  cluster?: string;
  where?: string;
  groupBy?: string;
  impact?: string;
  order?: boolean;
  compare?: string;
}

/** `landfall graph`: what depends on what, as text, as data or drawn. */
export function graphCommand(): Command {
  return new Command("graph")
    .description("show what depends on what: apps, parts, host names and data")
    .argument("[path]", "the declaration or its folder", ".")
    .addOption(
      new Option("-f, --format <format>", "how to show it")
        .choices(["text", "json", "dot", "mermaid", "svg"])
        .default("text"),
    )
    .option("--cluster <name>", "as it is on one cluster (default: all together)")
    .option("--where <labels>", "only these apps, e.g. tier=web,env=prod")
    .option("--group-by <label>", "draw one node for all apps of a label or `namespace`")
    .option("--impact <name>", "what a change of this app, part, host name or secret can reach")
    .option("--order", "the waves of a first rollout")
    .addOption(
      new Option("--compare <path>", "what differs from another declaration").conflicts(["impact", "order"]),
    )
    .option("--json", "one JSON document on stdout")
    .action(async (path: string, options: Options) => {
      const json = options.json === true || options.format === "json";
      if (options.order) return showOrder(path, json, options);
      const opened = await openGraph(path, options);
      if (options.impact) showImpact(opened, json, options, options.impact);
      else if (options.compare) {
        const before = await openGraph(options.compare, options);
        const diff = diffGraphs(before.graph, opened.graph);
        printResult(json, { title: opened.title, ...diff }, () => diffText(diff));
      } else showGraph(opened, json, options);
      printNext(json, `landfall graph${at(path)} --impact <app>`, `landfall plan${at(path)}`);
    });
}

const isDrawn = (format: Options["format"]): format is DrawnFormat => format !== "text" && format !== "json";

function showGraph({ title, graph, cut }: OpenedGraph, json: boolean, options: Options): void {
  if (cut > 0 && !json) note(`${cut} edges lead to apps that are not selected`);
  const { format, groupBy } = options;
  printResult(json, { title, cut, ...graphJson(graph) }, () =>
    isDrawn(format) ? draw(graph, title, format, groupBy) : graphText(graph, title),
  );
}

async function showOrder(path: string, json: boolean, options: Options): Promise<void> {
  const { format } = options;
  if (format !== "text" && !json)
    throw failure("LF9001", {
      what: `waves are not drawn as ${format}`,
      fix: "leave --format out, or --json",
    });
  const { graph } = await openRollout(path, options);
  const order = waves(graph, ["calls", "needs", "after"]);
  printResult(json, wavesJson(graph, order), () => orderText(graph, order));
  printNext(json, `landfall plan${at(path)}`);
}

function showImpact({ title, graph }: OpenedGraph, json: boolean, options: Options, name: string): void {
  const { format, groupBy } = options;
  const start = findNode(graph, name);
  const impact = impactOf(graph, start);
  const node = graph.nodes[start] as GraphNode;
  printResult(json, { id: node.id, ...impactJson(impact) }, () => {
    if (!isDrawn(format)) return impactText(node, impact);
    const reached = new Set([node, ...impact.affected.map((affected) => affected.node)]);
    const part = filterGraph(graph, (other) => reached.has(other));
    return draw(part, `${title}: what a change of ${node.name} can reach`, format, groupBy);
  });
}

function draw(graph: Graph, title: string, format: DrawnFormat, groupBy?: string): string {
  const { text, note: said } = drawGraph(graph, title, format, groupBy);
  if (said) note(said);
  return text;
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
