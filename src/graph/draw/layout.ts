import dagre from "@dagrejs/dagre";
import { edgeKinds, type Graph, type GraphNode, nodeKinds } from "../graph.ts";

export interface Box {
  /** The middle. */
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Route {
  points: { x: number; y: number }[];
}
export interface Layout {
  /** By node. */
  boxes: Box[];
  /** By edge. */
  routes: Route[];
  width: number;
  height: number;
}

export const lineHeight = 16;
export const boxHeight = 30;

/** About how wide a text is drawn: no font is known here, so a little more than most need. */
export function textWidth(text: string): number {
  return [...text].reduce(
    (sum, c) => sum + (/[MWmw@]/.test(c) ? 11 : /[iljtf.,:;|' ]/.test(c) ? 4.6 : 7.8),
    0,
  );
}

/** Lay a graph out in layers from left to right, in pixels. */
export function layout(graph: Graph): Layout {
  const plan = new dagre.graphlib.Graph({ multigraph: true });
  plan.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 64, edgesep: 10 });
  // Kinds one after the other, so that equals stand together where nothing else decides.
  const order = [...graph.nodes.keys()].sort(
    (a, b) => kindOf(graph.nodes[a]) - kindOf(graph.nodes[b]) || a - b,
  );
  for (const n of order) plan.setNode(String(n), sizeOf(graph.nodes[n] as GraphNode));
  // Calls are what people look for: their lines are kept short and straight.
  const calls = edgeKinds.indexOf("calls");
  for (const [e, from] of graph.from.entries())
    plan.setEdge(String(from), String(graph.to[e]), { weight: graph.kind[e] === calls ? 2 : 1 }, String(e));
  dagre.layout(plan);
  const { width = 0, height = 0 } = plan.graph() as { width?: number; height?: number };
  return {
    boxes: graph.nodes.map((_, n) => plan.node(String(n)) as Box),
    routes: Array.from(graph.from, (from, e) => ({
      points: plan.edge(String(from), String(graph.to[e]), String(e)).points ?? [],
    })),
    width,
    height,
  };
}

const kindOf = (node: GraphNode | undefined) => nodeKinds.indexOf(node?.kind ?? "app");

function sizeOf({ name, detail = "" }: GraphNode): { width: number; height: number } {
  const width = Math.max(textWidth(name), textWidth(detail) * 0.85) + 24;
  return { width, height: detail ? boxHeight + lineHeight : boxHeight };
}
