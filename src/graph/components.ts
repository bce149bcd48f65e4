import type { Graph } from "./graph.ts";

/**
 * The strongly connected components of the edges that `alive` marks, by Tarjan's algorithm without recursion (a chain
 * of ten thousand calls would overflow the stack). Two nodes have one number exactly when each reaches the other;
 * a component's number is below those of the components that reach it.
 */
export function components(graph: Graph, alive: Uint8Array): Int32Array {
  const count = graph.nodes.length;
  const component = new Int32Array(count).fill(-1);
  const index = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const cursor = graph.outStart.slice(0, count);
  const open: number[] = [];
  const path: number[] = [];
  let [visited, found] = [0, 0];

  const enter = (node: number) => {
    index[node] = low[node] = visited++;
    open.push(node);
    path.push(node);
  };
  const leave = (node: number) => {
    path.pop();
    if (low[node] === index[node]) {
      let member = -1;
      while (member !== node) {
        member = open.pop() as number;
        component[member] = found;
      }
      found++;
    }
    const parent = path.at(-1);
    if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number);
  };
  /** Follow the next edge of a node; true while there is one. */
  const step = (node: number): boolean => {
    const e = cursor[node] as number;
    if (e >= (graph.outStart[node + 1] as number)) return false;
    cursor[node] = e + 1;
    if (!alive[e]) return true;
    const next = graph.to[e] as number;
    if (index[next] === -1) enter(next);
    else if (component[next] === -1) low[node] = Math.min(low[node] as number, index[next] as number);
    return true;
  };

  for (let root = 0; root < count; root++) {
    if (index[root] !== -1) continue;
    enter(root);
    while (path.length > 0) {
      const node = path.at(-1) as number;
      if (!step(node)) leave(node);
    }
  }
  return component;
}
