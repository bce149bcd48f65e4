import { type Cycle, cycles } from "../cycles.ts";
import { edgeAt, edgesOf, type Graph } from "../graph.ts";
import type { Impact } from "../impact.ts";
import type { Waves } from "../order.ts";
import { type Shared, sharedData, sharedHosts } from "../shared.ts";

/** The graph as plain data: nodes and edges by id, with what is told from them. */
export function graphJson(graph: Graph) {
  const idOf = idsOf(graph);
  const shared = ({ node, by }: Shared) => ({ node: idOf(node), by: by.map(idOf) });
  const { hosts, targets } = sharedHosts(graph);
  return {
    nodes: graph.nodes,
    edges: edgesOf(graph),
    cycles: cycles(graph, ["calls"]).map((cycle) => cycleJson(graph, cycle)),
    shared: {
      data: sharedData(graph).map(shared),
      hosts: hosts.map(shared),
      targets: targets.map(shared),
    },
  };
}

/** An impact by ids. */
export function impactJson({ affected, clusters, sharing }: Impact) {
  return {
    affected: affected.map(({ node, distance, via }) => ({ id: node.id, distance, via: via.id })),
    clusters: clusters ?? null,
    sharing: sharing.map(({ node, apps }) => ({ node: node.id, apps: apps.map(({ id }) => id) })),
  };
}

/** Waves by ids. */
export function wavesJson(graph: Graph, { waves, dropped, blocked }: Waves) {
  const idOf = idsOf(graph);
  return {
    waves: waves.map((nodes) => nodes.map(idOf)),
    dropped: dropped.map((e) => edgeAt(graph, e)),
    blocked: blocked.map((cycle) => cycleJson(graph, cycle)),
  };
}

const idsOf = (graph: Graph) => (n: number) => graph.nodes[n]?.id ?? "";

function cycleJson(graph: Graph, { path, members }: Cycle) {
  const idOf = idsOf(graph);
  return { path: path.map(idOf), members: members.map(idOf) };
}
