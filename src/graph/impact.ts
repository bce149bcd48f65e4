import type { Graph, GraphNode } from "./graph.ts";
import { reach } from "./reach.ts";
import { isData, usersOf } from "./shared.ts";

/** What a change of one node can reach. */
export interface Impact {
  /** Everything that needs it, directly or through others, nearest first. */
  affected: { node: GraphNode; distance: number; via: GraphNode }[];
  /** The clusters it runs on, sorted; undefined where it is on all. */
  clusters: readonly string[] | undefined;
  /** Apps that use data it uses too: nothing calls the other, but a change of the data is seen by both. */
  sharing: { node: GraphNode; apps: GraphNode[] }[];
}

/** What a change of a node can reach: callers of callers, hosts that lead to them, and who shares its data. */
export function impactOf(graph: Graph, node: number): Impact {
  const nodeAt = (index: number) => graph.nodes[index] as GraphNode;
  const { order, distance, via } = reach(graph, [node], "in");
  const affected = order.slice(1).map((index) => ({
    node: nodeAt(index),
    distance: distance[index] as number,
    via: nodeAt(graph.to[via[index] as number] as number),
  }));
  const otherUsers = (data: number) =>
    usersOf(graph, data, ({ kind }) => kind === "app").filter((user) => user !== node);
  const used = new Set(graph.to.slice(graph.outStart[node], graph.outStart[node + 1]));
  const sharing = [...used]
    .filter((index) => isData(nodeAt(index)))
    .map((index) => ({ node: nodeAt(index), apps: otherUsers(index).map(nodeAt) }))
    .filter(({ apps }) => apps.length > 0);
  return { affected, clusters: nodeAt(node).clusters, sharing };
}
