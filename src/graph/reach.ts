import { type EdgeKind, edgeKinds, type Graph, maskOf } from "./graph.ts";

export interface Reach {
  /** Steps from the nearest start, 0 for a start; -1 for what is not reached. */
  distance: Int32Array;
  /** The edge by which a node was first reached; -1 for starts and what is not reached. */
  via: Int32Array;
  /** What was reached, starts first, nearest first. */
  order: number[];
}

/** Walk breadth first from some nodes: `out` to what they need, `in` to what needs them. */
export function reach(
  graph: Graph,
  starts: readonly number[],
  direction: "out" | "in",
  kinds: readonly EdgeKind[] = edgeKinds,
): Reach {
  const mask = maskOf(kinds);
  const distance = new Int32Array(graph.nodes.length).fill(-1);
  const via = new Int32Array(graph.nodes.length).fill(-1);
  const order: number[] = [];
  for (const start of starts) {
    if (distance[start] === 0) continue;
    distance[start] = 0;
    order.push(start);
  }
  const [first, ends] = direction === "out" ? [graph.outStart, graph.to] : [graph.inStart, graph.from];
  for (let head = 0; head < order.length; head++) {
    const node = order[head] as number;
    for (let i = first[node] as number; i < (first[node + 1] as number); i++) {
      const e = direction === "out" ? i : (graph.inEdges[i] as number);
      const end = ends[e] as number;
      if (distance[end] !== -1 || !(mask & (1 << (graph.kind[e] as number)))) continue;
      distance[end] = (distance[node] as number) + 1;
      via[end] = e;
      order.push(end);
    }
  }
  return { distance, via, order };
}
