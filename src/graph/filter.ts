import { buildGraph, edgeAt, type Graph, type GraphNode } from "./graph.ts";

/** The part of a graph between the nodes that `keep` accepts. */
export function filterGraph(graph: Graph, keep: (node: GraphNode, index: number) => boolean): Graph {
  const kept = graph.nodes.map(keep);
  const edges = Array.from(graph.from.keys()).filter(
    (e) => kept[graph.from[e] as number] && kept[graph.to[e] as number],
  );
  return buildGraph(
    graph.nodes.filter((_, index) => kept[index]),
    edges.map((e) => edgeAt(graph, e)),
  );
}

/**
 * The apps that `wanted` accepts, with all that belongs to them: their hosts, secrets and volumes, the parts they
 * need and the parts those need. Other apps are left out; `cut` counts the edges that lead to or come from them.
 */
export function selectApps(
  graph: Graph,
  wanted: (node: GraphNode) => boolean,
): { graph: Graph; cut: number } {
  const isApp = (n: number) => graph.nodes[n]?.kind === "app";
  const apps = [...graph.nodes.keys()].filter((n) => isApp(n) && wanted(graph.nodes[n] as GraphNode));
  const kept = new Set(apps);
  const edges = Array.from(graph.from, (from, e) => ({ from, to: graph.to[e] as number }));
  const cut = edges.filter(({ from, to }) => isApp(from) && isApp(to) && kept.has(from) !== kept.has(to));
  for (const n of kept) {
    for (const to of graph.to.slice(graph.outStart[n], graph.outStart[n + 1])) if (!isApp(to)) kept.add(to);
  }
  const hosts = edges.filter(({ from, to }) => graph.nodes[from]?.kind === "host" && kept.has(to));
  for (const { from } of hosts) kept.add(from);
  return { graph: filterGraph(graph, (_, index) => kept.has(index)), cut: cut.length };
}
