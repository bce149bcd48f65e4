import { components } from "./components.ts";
import { type EdgeKind, type Graph, maskOf } from "./graph.ts";

export interface Cycle {
  /** A shortest way round, first node not repeated, beginning with the first by id of all on it. */
  path: number[];
  /** Every node that reaches itself through these, sorted; more than `path` where cycles share nodes. */
  members: number[];
}

/** Which edges are of some kinds, one byte an edge. */
export function aliveEdges(graph: Graph, kinds: readonly EdgeKind[]): Uint8Array {
  const mask = maskOf(kinds);
  return Uint8Array.from(graph.kind, (kind) => (mask & (1 << kind) ? 1 : 0));
}

/** The cycles of some kinds of edges: one for each set of nodes that all reach each other. */
export function cycles(graph: Graph, kinds: readonly EdgeKind[]): Cycle[] {
  return cyclesOf(graph, aliveEdges(graph, kinds));
}

/** The cycles of the edges that `alive` marks. */
export function cyclesOf(graph: Graph, alive: Uint8Array): Cycle[] {
  const component = components(graph, alive);
  const inside = (e: number) =>
    alive[e] === 1 && component[graph.from[e] as number] === component[graph.to[e] as number];
  const members = new Map<number, Set<number>>();
  for (let e = 0; e < graph.from.length; e++) {
    if (!inside(e)) continue;
    const id = component[graph.from[e] as number] as number;
    const set = members.get(id) ?? new Set();
    members.set(id, set.add(graph.from[e] as number).add(graph.to[e] as number));
  }
  return [...members.values()]
    .map((set) => [...set].sort((a, b) => a - b))
    .sort((a, b) => (a[0] as number) - (b[0] as number))
    .map((sorted) => ({ path: shortestRound(graph, sorted[0] as number, inside), members: sorted }));
}

/** The shortest way from a node back to itself; there is one, for the node lies in a component with edges. */
function shortestRound(graph: Graph, start: number, inside: (e: number) => boolean): number[] {
  const before = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (let e = graph.outStart[node] as number; e < (graph.outStart[node + 1] as number); e++) {
      if (!inside(e)) continue;
      const next = graph.to[e] as number;
      if (next === start) return backTo(start, node, before);
      if (before.has(next)) continue;
      before.set(next, node);
      queue.push(next);
    }
  }
  return [start];
}

function backTo(start: number, last: number, before: Map<number, number>): number[] {
  const path = [last];
  while (path[0] !== start) path.unshift(before.get(path[0] as number) as number);
  return path;
}

/** A cycle as people read it: `a → b → a`. */
export function formatCycle(graph: Graph, { path }: Cycle): string {
  return [...path, path[0] as number].map((node) => graph.nodes[node]?.name).join(" → ");
}
