import { failure } from "../../util/errors.ts";
import type { Graph } from "../graph.ts";
import { toDot } from "./dot.ts";
import { toMermaid } from "./mermaid.ts";
import { prepareDrawing } from "./prepare.ts";
import { toSvg } from "./svg.ts";

export type DrawnFormat = "dot" | "mermaid" | "svg";

/**
 * A drawing of the graph. Where there is too much for one, apps are drawn by group, and `note` says so; Graphviz
 * takes everything. Throws LF9001 where there is too much and nothing to group it by.
 */
export function drawGraph(
  graph: Graph,
  title: string,
  format: DrawnFormat,
  groupBy?: string,
): { text: string; note?: string } {
  if (format === "dot" && groupBy === undefined) return { text: toDot(graph, title) };
  const { graph: drawn, grouped, tooLarge } = prepareDrawing(graph, groupBy);
  if (tooLarge)
    throw failure("LF9001", {
      what: `${graph.nodes.length} nodes with ${graph.from.length} edges are too many for one drawing`,
      why: "neither the namespace nor a label divides the apps into groups",
      fix: "narrow it with --where or --impact, name a label with --group-by, or take --format dot",
    });
  const said = grouped && `${grouped.apps} apps by ${grouped.by}`;
  const heading = said ? `${title}: ${said}` : title;
  return {
    text: { dot: toDot, mermaid: toMermaid, svg: toSvg }[format](drawn, heading),
    ...(said && { note: `drawn as ${said}, in ${drawn.nodes.length} groups` }),
  };
}
