import { components } from "./components.ts";
import { aliveEdges, type Cycle, cyclesOf } from "./cycles.ts";
import type { EdgeKind, Graph } from "./graph.ts";

export interface Waves {
  /** The nodes of each wave, sorted; a wave needs only those before it. */
  waves: number[][];
  /** Edges that no order can follow because they lie on a cycle, softest first; the order goes without them. */
  dropped: number[];
  /** Cycles of the hardest kind: what is on them, and what needs it, is in no wave. */
  blocked: Cycle[];
}

/**
 * The order of a first rollout: what is needed comes before what needs it, as early as it can.
 * `kinds` go from soft to hard. Where edges form a cycle, the softest of them give way, and only they:
 * first the calls between apps that all reach each other, then, where a cycle is left, the next kind.
 */
export function waves(graph: Graph, kinds: readonly EdgeKind[]): Waves {
  const alive = aliveEdges(graph, kinds);
  const dropped: number[] = [];
  for (const kind of kinds.slice(0, -1)) {
    const component = components(graph, alive);
    const soft = aliveEdges(graph, [kind]);
    for (let e = 0; e < alive.length; e++) {
      if (!alive[e] || !soft[e]) continue;
      if (component[graph.from[e] as number] !== component[graph.to[e] as number]) continue;
      alive[e] = 0;
      dropped.push(e);
    }
  }
  const { wave, reached } = levels(graph, alive);
  const byWave = Map.groupBy(wave.keys(), (node) => wave[node] as number);
  const result = [...byWave.keys()].filter((level) => level >= 0).sort((a, b) => a - b);
  const blocked = reached === graph.nodes.length ? [] : cyclesOf(graph, alive);
  return { waves: result.map((level) => byWave.get(level) ?? []), dropped, blocked };
}

/** The longest way from each node to one that needs nothing; -1 for nodes that a cycle keeps from it. */
function levels(graph: Graph, alive: Uint8Array): { wave: Int32Array; reached: number } {
  const wave = new Int32Array(graph.nodes.length).fill(-1);
  const waiting = new Int32Array(graph.nodes.length);
  for (const [e, from] of graph.from.entries()) if (alive[e]) waiting[from] = (waiting[from] as number) + 1;
  const level = new Int32Array(graph.nodes.length);
  const ready = Array.from(graph.nodes.keys()).filter((node) => waiting[node] === 0);
  for (const node of ready) {
    wave[node] = level[node] as number;
    for (let i = graph.inStart[node] as number; i < (graph.inStart[node + 1] as number); i++) {
      const e = graph.inEdges[i] as number;
      if (!alive[e]) continue;
      const from = graph.from[e] as number;
      level[from] = Math.max(level[from] as number, (level[node] as number) + 1);
      waiting[from] = (waiting[from] as number) - 1;
      if (waiting[from] === 0) ready.push(from);
    }
  }
  return { wave, reached: ready.length };
}
