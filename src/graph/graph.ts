/**
 * A graph of what needs what: an edge leads from the one that needs to what it needs. Nodes and edges are kept in
 * one fixed order (by id; by end, end and kind), so equal facts give equal graphs, to the byte. Edges lie in typed
 * arrays, indexed from both ends: ten thousand apps with forty thousand calls are walked in milliseconds.
 */

export const nodeKinds = ["host", "app", "part", "secret", "volume"] as const;
export type NodeKind = (typeof nodeKinds)[number];

/**
 * `routes`: a host name leads to an app or part · `calls`: an app calls another · `after`: it is rolled out after it ·
 * `needs`: an app or part needs what a part provides · `uses`: a part uses it where it is there ·
 * `reads`: an app reads a secret · `keeps`: it keeps a volume.
 */
export const edgeKinds = ["routes", "calls", "after", "needs", "uses", "reads", "keeps"] as const;
export type EdgeKind = (typeof edgeKinds)[number];

export interface GraphNode {
  /** `kind/name`, unique: `app/cart`, `host/shop.localhost`, `volume/redis/data`. */
  id: string;
  kind: NodeKind;
  name: string;
  namespace?: string;
  labels?: Readonly<Record<string, string>>;
  /** The clusters it runs on, sorted; absent where it is on all of them. */
  clusters?: readonly string[];
  /** An app that keeps data of its own. */
  stateful?: boolean;
  /** What a drawing says below the name. */
  detail?: string;
}

export interface GraphEdge {
  from: string;
  to: string;
  kind: EdgeKind;
  /** What the edge is about: a path, a token, a key. Edges of equal ends and kind become one with all labels. */
  label?: string;
}

export interface Graph {
  /** Sorted by id; everything else names a node by its index here. */
  readonly nodes: readonly GraphNode[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** Edge e leads from `from[e]` to `to[e]`; sorted by both, then by kind. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Index into `edgeKinds`. */
  readonly kind: Uint8Array;
  readonly labels: readonly (string | undefined)[];
  /** The edges out of node n are `outStart[n]` up to `outStart[n + 1]`. */
  readonly outStart: Uint32Array;
  /** The edges into node n are `inEdges[inStart[n]]` up to `inEdges[inStart[n + 1]]`. */
  readonly inStart: Uint32Array;
  readonly inEdges: Uint32Array;
}

/** Index nodes and edges. Throws a RangeError where two nodes have one id or an edge's end is no node. */
export function buildGraph(nodes: Iterable<GraphNode>, edges: Iterable<GraphEdge>): Graph {
  const sorted = [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const indexOf = new Map(sorted.map(({ id }, index) => [id, index]));
  if (indexOf.size !== sorted.length) throw new RangeError("two nodes of the graph have one id");
  const { keys, labels } = sortedEdges(edges, indexOf);
  const from = new Uint32Array(keys.length);
  const to = new Uint32Array(keys.length);
  const kind = new Uint8Array(keys.length);
  for (const [e, key] of keys.entries()) {
    const ends = Math.floor(key / edgeKinds.length);
    kind[e] = key % edgeKinds.length;
    from[e] = Math.floor(ends / sorted.length);
    to[e] = ends % sorted.length;
  }
  const outStart = starts(from, sorted.length);
  const inStart = starts(to, sorted.length);
  const inEdges = new Uint32Array(keys.length);
  const next = inStart.slice();
  for (const [e, target] of to.entries()) {
    const slot = next[target] as number;
    inEdges[slot] = e;
    next[target] = slot + 1;
  }
  return {
    nodes: sorted,
    indexOf,
    from,
    to,
    kind,
    labels: Array.from(keys, (key) => {
      const set = labels.get(key);
      return set && [...set].sort().join(", ");
    }),
    outStart,
    inStart,
    inEdges,
  };
}

/** Both ends and the kind in one number, which sorts as fast as numbers do; below 2^53 up to ten million nodes. */
function sortedEdges(edges: Iterable<GraphEdge>, indexOf: ReadonlyMap<string, number>) {
  const labels = new Map<number, Set<string>>();
  const unique = new Set<number>();
  for (const { from, to, kind, label } of edges) {
    const [a, b] = [indexOf.get(from), indexOf.get(to)];
    if (a === undefined || b === undefined) throw new RangeError(`no node ${a === undefined ? from : to}`);
    const key = (a * indexOf.size + b) * edgeKinds.length + edgeKinds.indexOf(kind);
    unique.add(key);
    if (label !== undefined) labels.set(key, (labels.get(key) ?? new Set()).add(label));
  }
  return { keys: Float64Array.from(unique).sort(), labels };
}

/** Where each node's edges begin, by counting. */
function starts(ends: Uint32Array, nodes: number): Uint32Array {
  const start = new Uint32Array(nodes + 1);
  for (const end of ends) start[end + 1] = (start[end + 1] as number) + 1;
  for (let n = 0; n < nodes; n++) start[n + 1] = (start[n + 1] as number) + (start[n] as number);
  return start;
}

/** The edges of a graph as they were given, in the graph's order. */
export function edgesOf(graph: Graph): GraphEdge[] {
  return Array.from(graph.from, (_, e) => edgeAt(graph, e));
}

/** One edge by its index. */
export function edgeAt(graph: Graph, e: number): GraphEdge {
  const label = graph.labels[e];
  return {
    from: graph.nodes[graph.from[e] as number]?.id ?? "",
    to: graph.nodes[graph.to[e] as number]?.id ?? "",
    kind: edgeKinds[graph.kind[e] as number] as EdgeKind,
    ...(label !== undefined && { label }),
  };
}

/** Kinds as bits, to test an edge against in one operation. */
export function maskOf(kinds: readonly EdgeKind[]): number {
  return kinds.reduce((mask, kind) => mask | (1 << edgeKinds.indexOf(kind)), 0);
}
