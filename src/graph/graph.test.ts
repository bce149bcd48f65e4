import fc from "fast-check";
import { expect, test } from "vitest";
import { diffGraphs } from "./diff.ts";
import { filterGraph } from "./filter.ts";
import { buildGraph, edgeKinds, edgesOf, type GraphEdge } from "./graph.ts";
import { groupApps } from "./group.ts";
import { reach } from "./reach.ts";
import { distances, type Model, models } from "./testing/arbitrary.ts";

const runs = { numRuns: 400, seed: 4 };
const built = ({ nodes, edges }: Model) => buildGraph(nodes, edges);

/** Edges of a list, doubled ones once with all labels, in no order. */
function merged(edges: GraphEdge[]): Set<string> {
  const groups = Map.groupBy(edges, ({ from, to, kind }) => `${from} ${to} ${kind}`);
  return new Set(
    [...groups].map(([key, same]) => {
      const labels = new Set(same.flatMap(({ label }) => label?.split(", ") ?? []));
      return `${key} ${[...labels].sort().join(", ")}`;
    }),
  );
}

test("a graph holds what it was given, each edge once, indexed from both ends", () => {
  fc.assert(
    fc.property(models(), (model) => {
      const graph = built(model);
      expect(merged(edgesOf(graph))).toEqual(merged(model.edges));
      expect(graph.from).toHaveLength(merged(model.edges).size);
      for (const [n, { id }] of graph.nodes.entries()) {
        const out = [...graph.from.keys()].slice(graph.outStart[n], graph.outStart[n + 1]);
        const incoming = [...graph.inEdges.slice(graph.inStart[n], graph.inStart[n + 1])];
        const all = [...graph.from.keys()];
        expect(out).toEqual(all.filter((e) => graph.from[e] === n));
        expect(incoming).toEqual(all.filter((e) => graph.to[e] === n));
        expect(graph.indexOf.get(id)).toBe(n);
      }
    }),
    runs,
  );
});

test("the order in which nodes and edges are given changes nothing", () => {
  const shuffled = models().chain((model) =>
    fc.record({
      model: fc.constant(model),
      nodes: fc.shuffledSubarray(model.nodes, { minLength: model.nodes.length }),
      edges: fc.shuffledSubarray(model.edges, { minLength: model.edges.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ model, nodes, edges }) => {
      expect(buildGraph(nodes, edges)).toEqual(built(model));
    }),
    runs,
  );
});

test("two nodes of one id, and edges to nothing, are refused", () => {
  const node = { id: "app/a", kind: "app", name: "a" } as const;
  expect(() => buildGraph([node, node], [])).toThrow(RangeError);
  expect(() => buildGraph([node], [{ from: "app/a", to: "app/b", kind: "calls" }])).toThrow("no node app/b");
});

test("reach finds the fewest steps both ways, along the asked kinds alone", () => {
  const kinds = fc.subarray([...edgeKinds], { minLength: 1 });
  const direction = fc.constantFrom("out" as const, "in" as const);
  fc.assert(
    fc.property(models(), kinds, direction, fc.nat(), (model, asked, way, pick) => {
      const graph = built(model);
      const start = pick % graph.nodes.length;
      const of = distances({ ...model, edges: model.edges.filter(({ kind }) => asked.includes(kind)) });
      const steps = (a = "", b = "") => (a === b ? 0 : way === "out" ? of(a, b) : of(b, a));
      const { distance, via, order } = reach(graph, [start], way, asked);
      const expected = graph.nodes.map(({ id }) => steps(graph.nodes[start]?.id, id));
      expect([...distance]).toEqual(expected.map((n) => (Number.isFinite(n) ? n : -1)));
      const byDistance = order.map((n) => expected[n] ?? -1);
      expect(byDistance).toEqual(expected.filter(Number.isFinite).sort((a, b) => a - b));
      for (const n of order.slice(1)) {
        const before = (way === "out" ? graph.from : graph.to)[via[n] ?? -1] ?? -1;
        expect(distance[before]).toBe((distance[n] ?? 0) - 1);
      }
    }),
    runs,
  );
});

test("a filter keeps what lies between accepted nodes", () => {
  fc.assert(
    fc.property(models(), (model) => {
      const keep = ({ namespace }: { namespace?: string }) => namespace === "n";
      const kept = new Set(model.nodes.filter(keep).map(({ id }) => id));
      const part = filterGraph(built(model), keep);
      expect(part.nodes.map(({ id }) => id)).toEqual([...kept].sort());
      const between = model.edges.filter(({ from, to }) => kept.has(from) && kept.has(to));
      expect(merged(edgesOf(part))).toEqual(merged(between));
    }),
    runs,
  );
});

test("a difference turns the one graph into the other", () => {
  fc.assert(
    fc.property(models(), models(), (first, second) => {
      const [before, after] = [built(first), built(second)];
      const { added, removed, changed } = diffGraphs(before, after);
      const gone = new Set([...removed.nodes, ...changed.nodes].map(({ id }) => id));
      const nodes = before.nodes.filter(({ id }) => !gone.has(id));
      const key = ({ from, to, kind }: GraphEdge) => `${from} ${to} ${kind}`;
      const cut = new Set([...removed.edges, ...changed.edges].map(key));
      const edges = edgesOf(before).filter((edge) => !cut.has(key(edge)));
      const patched = buildGraph(
        [...nodes, ...added.nodes, ...changed.nodes],
        [...edges, ...added.edges, ...changed.edges],
      );
      expect(patched).toEqual(after);
      const none = diffGraphs(after, after);
      for (const part of Object.values(none)) expect(part).toEqual({ nodes: [], edges: [] });
    }),
    runs,
  );
});

test("groups count every app and every edge once", () => {
  fc.assert(
    fc.property(models(), (model) => {
      const graph = built(model);
      const grouped = groupApps(graph, "tier");
      const size = (n: { detail?: string }) => Number(n.detail?.match(/^(\d+) app/)?.[1]);
      const inside = (n: { detail?: string }) => Number(n.detail?.match(/(\d+) edges? inside/)?.[1] ?? 0);
      const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
      expect(sum(grouped.nodes.map(size))).toBe(graph.nodes.length);
      const between = edgesOf(grouped).map(({ label }) => Number(label));
      expect(sum(between) + sum(grouped.nodes.map(inside))).toBe(graph.from.length);
    }),
    runs,
  );
});
