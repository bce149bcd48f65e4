import fc from "fast-check";
import { type EdgeKind, edgeKinds, type GraphEdge, type GraphNode } from "../graph.ts";

/** A graph as a list: small enough that every property can be worked out by trying all ways. */
export interface Model {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

const labels = fc.dictionary(fc.constantFrom("tier", "team"), fc.constantFrom("a", "b"), { maxKeys: 2 });

/** Up to eleven apps with edges of the given kinds; edges to themselves and doubled ones included. */
export function models(kinds: readonly EdgeKind[] = edgeKinds): fc.Arbitrary<Model> {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 11 });
  return names.chain((list) => {
    const nodes = fc.tuple(
      ...list.map((name) =>
        fc
          .record({ labels, stateful: fc.boolean(), namespace: fc.constantFrom("n", "m") })
          .map((more): GraphNode => ({ id: `app/${name}`, kind: "app", name, ...more })),
      ),
    );
    const end = fc.constantFrom(...list.map((name) => `app/${name}`));
    const label = fc.option(fc.constantFrom("x", "y"), { nil: undefined });
    const edge = fc
      .record({ from: end, to: end, kind: fc.constantFrom(...kinds), label })
      .map(
        ({ label: text, ...rest }): GraphEdge => ({ ...rest, ...(text !== undefined && { label: text }) }),
      );
    return fc.record({ nodes, edges: fc.array(edge, { maxLength: 25 }) });
  });
}

/** The fewest steps from each node to each other, by Floyd and Warshall; Infinity where there is no way. */
export function distances({ nodes, edges }: Model): (from: string, to: string) => number {
  const known = new Map(edges.map(({ from, to }) => [`${from} ${to}`, 1]));
  const of = (a: string, b: string) => known.get(`${a} ${b}`) ?? Number.POSITIVE_INFINITY;
  for (const { id: over } of nodes)
    for (const { id: from } of nodes)
      for (const { id: to } of nodes) {
        const way = of(from, over) + of(over, to);
        if (way < of(from, to)) known.set(`${from} ${to}`, way);
      }
  return of;
}
