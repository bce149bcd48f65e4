import { canonicalJson } from "../util/hash.ts";
import { edgesOf, type Graph, type GraphEdge, type GraphNode } from "./graph.ts";

export interface GraphDiff {
  added: { nodes: GraphNode[]; edges: GraphEdge[] };
  removed: { nodes: GraphNode[]; edges: GraphEdge[] };
  /** Nodes and edges that stay, with other labels, clusters or the like; as they are afterwards. */
  changed: { nodes: GraphNode[]; edges: GraphEdge[] };
}

const edgeId = ({ from, to, kind }: GraphEdge) => `${kind} ${from} ${to}`;

/** What came, went and changed between two graphs, each list in the graphs' order. */
export function diffGraphs(before: Graph, after: Graph): GraphDiff {
  const nodes = compare(before.nodes, after.nodes, ({ id }) => id);
  const edges = compare(edgesOf(before), edgesOf(after), edgeId);
  const of = (key: keyof GraphDiff) => ({ nodes: nodes[key], edges: edges[key] });
  return { added: of("added"), removed: of("removed"), changed: of("changed") };
}

function compare<T>(before: readonly T[], after: readonly T[], idOf: (item: T) => string) {
  const old = new Map(before.map((item) => [idOf(item), item]));
  const now = new Set(after.map(idOf));
  return {
    added: after.filter((item) => !old.has(idOf(item))),
    removed: before.filter((item) => !now.has(idOf(item))),
    changed: after.filter((item) => {
      const known = old.get(idOf(item));
      return known !== undefined && canonicalJson(known) !== canonicalJson(item);
    }),
  };
}
