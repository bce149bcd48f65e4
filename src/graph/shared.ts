import type { Graph, GraphNode } from "./graph.ts";

/** Something that several apps depend on or that is reached by several ways. */
export interface Shared {
  /** Index of what is shared. */
  node: number;
  /** Indices of those that share it, sorted. */
  by: number[];
}

/**
 * Data that several apps use: a secret they read, a volume they mount, or a stateful app they call. Who changes the
 * one's data may break the other, though neither calls the other.
 */
export function sharedData(graph: Graph): Shared[] {
  return sharedNodes(graph, isData, ({ kind }) => kind === "app");
}

/** Whether a node holds data that apps use. */
export function isData(node: GraphNode): boolean {
  return node.kind === "secret" || node.kind === "volume" || node.stateful === true;
}

/** Host names that lead to several apps or parts, and those that several host names lead to. */
export function sharedHosts(graph: Graph): { hosts: Shared[]; targets: Shared[] } {
  const isHost = ({ kind }: GraphNode) => kind === "host";
  const hosts = [...graph.nodes.keys()]
    .filter((n) => isHost(graph.nodes[n] as GraphNode))
    .map((node) => ({
      node,
      by: [...new Set(graph.to.slice(graph.outStart[node], graph.outStart[node + 1]))],
    }));
  return {
    hosts: hosts.filter(({ by }) => by.length > 1),
    targets: sharedNodes(graph, () => true, isHost),
  };
}

function sharedNodes(
  graph: Graph,
  wanted: (node: GraphNode) => boolean,
  counts: (node: GraphNode) => boolean,
): Shared[] {
  return [...graph.nodes.keys()]
    .filter((node) => wanted(graph.nodes[node] as GraphNode))
    .map((node) => ({ node, by: usersOf(graph, node, counts) }))
    .filter(({ by }) => by.length > 1);
}

/** Who has an edge into a node, each once, sorted. */
export function usersOf(graph: Graph, node: number, counts: (node: GraphNode) => boolean): number[] {
  const users = graph.inEdges.slice(graph.inStart[node], graph.inStart[node + 1]);
  const ends = Array.from(users, (e) => graph.from[e] as number);
  return [...new Set(ends)].filter((n) => counts(graph.nodes[n] as GraphNode)).sort((a, b) => a - b);
}
