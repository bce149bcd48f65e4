import type { Graph } from "../graph.ts";
import { groupApps, groupingFor } from "../group.ts";

/** More than this cannot be read in one drawing, and takes long to lay out. */
export const drawable = { nodes: 120, edges: 360 };

export interface Drawing {
  graph: Graph;
  /** What apps were grouped by, and how many there were. */
  grouped?: { by: string; apps: number };
  /** Too large, and nothing to group it by. */
  tooLarge?: true;
}

/** A graph as it can be drawn: apps by group where asked, or where there are too many for one drawing. */
export function prepareDrawing(graph: Graph, groupBy?: string): Drawing {
  const large = graph.nodes.length > drawable.nodes || graph.from.length > drawable.edges;
  const by = groupBy ?? (large ? groupingFor(graph) : undefined);
  if (by !== undefined) {
    const apps = graph.nodes.filter(({ kind }) => kind === "app").length;
    return { graph: groupApps(graph, by), grouped: { by, apps } };
  }
  return large ? { graph, tooLarge: true } : { graph };
}
