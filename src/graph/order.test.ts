import fc from "fast-check";
import { expect, test } from "vitest";
import { cycles, formatCycle } from "./cycles.ts";
import { buildGraph, edgeAt, edgesOf, type GraphEdge } from "./graph.ts";
import { waves } from "./order.ts";
import { distances, models } from "./testing/arbitrary.ts";

const runs = { numRuns: 400, seed: 4 };
const app = (name: string) => ({ id: `app/${name}`, kind: "app", name }) as const;
const edge = (from: string, kind: GraphEdge["kind"], to: string) => ({
  from: `app/${from}`,
  to: `app/${to}`,
  kind,
});

test("there is one cycle for each set of nodes that reach each other, and it is a shortest one", () => {
  fc.assert(
    fc.property(models(["calls", "after"]), (model) => {
      const graph = buildGraph(model.nodes, model.edges);
      const calls = model.edges.filter(({ kind }) => kind === "calls");
      const of = distances({ nodes: model.nodes, edges: calls });
      const round = (id: string) => of(id, id);
      const found = cycles(graph, ["calls"]);
      const idOf = (n: number | undefined) => graph.nodes[n ?? -1]?.id ?? "";
      const onCycles = model.nodes.map(({ id }) => id).filter((id) => Number.isFinite(round(id)));
      expect(found.flatMap(({ members }) => members.map(idOf)).sort()).toEqual(onCycles.sort());
      for (const { path, members } of found) {
        const first = idOf(path[0]);
        const together = onCycles.filter((id) => Number.isFinite(of(first, id) + of(id, first)));
        expect(members.map(idOf)).toEqual([...new Set([first, ...together])].sort());
        expect(path).toHaveLength(round(first));
        for (const [i, n] of path.entries()) expect(of(idOf(n), idOf(path[i + 1] ?? path[0]))).toBe(1);
      }
    }),
    runs,
  );
});

test("a cycle is named by the way round", () => {
  const edges = [edge("a", "calls", "b"), edge("b", "calls", "c"), edge("c", "calls", "a")];
  const graph = buildGraph([app("c"), app("a"), app("b")], edges);
  expect(cycles(graph, ["calls"]).map((cycle) => formatCycle(graph, cycle))).toEqual(["a → b → c → a"]);
});

test("waves follow every edge that is on no cycle, each node as early as it can", () => {
  fc.assert(
    fc.property(models(["calls", "needs", "after"]), (model) => {
      const graph = buildGraph(model.nodes, model.edges);
      const { waves: list, dropped, blocked } = waves(graph, ["calls", "needs", "after"]);
      const gone = new Set(dropped);
      const alive = edgesOf(graph).filter((_, e) => !gone.has(e));
      const waveOf = new Map(
        list.flatMap((nodes, wave) => nodes.map((n) => [graph.nodes[n]?.id ?? "", wave])),
      );
      for (const { id } of model.nodes) {
        const needed = alive.filter(({ from }) => from === id).map(({ to }) => waveOf.get(to));
        const stuck = needed.includes(undefined);
        expect(waveOf.get(id)).toBe(stuck ? undefined : Math.max(-1, ...(needed as number[])) + 1);
      }
      const after = model.edges.filter(({ kind }) => kind === "after");
      const hard = distances({ nodes: model.nodes, edges: after });
      const locked = model.nodes.filter(({ id }) => Number.isFinite(hard(id, id))).map(({ id }) => id);
      const named = blocked.flatMap(({ members }) => members.map((n) => graph.nodes[n]?.id));
      expect(named.sort()).toEqual(locked.sort());
      expect(waveOf.size === model.nodes.length).toBe(locked.length === 0);
      // An edge gives way only where it leads back to itself through edges at least as hard.
      const kinds = ["calls", "needs", "after"];
      for (const e of dropped) {
        const { from, to, kind } = edgeAt(graph, e);
        const harder = model.edges.filter((other) => kinds.indexOf(other.kind) >= kinds.indexOf(kind));
        const way = distances({ nodes: model.nodes, edges: harder });
        expect(kind).not.toBe("after");
        expect(from === to || Number.isFinite(way(to, from))).toBe(true);
      }
    }),
    runs,
  );
});

test("calls give way to `after`, and only around the cycle", () => {
  const edges = [
    edge("web", "calls", "api"),
    edge("api", "calls", "auth"),
    edge("auth", "calls", "api"),
    edge("auth", "after", "api"),
  ];
  const graph = buildGraph(["web", "api", "auth"].map(app), edges);
  const { waves: list, dropped, blocked } = waves(graph, ["calls", "after"]);
  expect(list.map((nodes) => nodes.map((n) => graph.nodes[n]?.name))).toEqual([["api"], ["auth", "web"]]);
  expect(dropped.map((e) => edgeAt(graph, e))).toEqual([
    edge("api", "calls", "auth"),
    edge("auth", "calls", "api"),
  ]);
  expect(blocked).toEqual([]);
});

test("ten thousand apps with forty thousand calls are built, ordered and walked at once", () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `a${i}`);
  // Each calls the next, which makes one cycle of all, and three more by a fixed rule.
  const edges = names.flatMap((name, i) =>
    [1, 7, 31, 4_001].map((step) => edge(name, "calls", `a${(i * step + step) % names.length}`)),
  );
  const start = performance.now();
  const graph = buildGraph(names.map(app), edges);
  const { waves: list } = waves(graph, ["calls", "after"]);
  const [cycle] = cycles(graph, ["calls"]);
  const milliseconds = performance.now() - start;
  expect(list.flat()).toHaveLength(10_000);
  expect(cycle?.members).toHaveLength(10_000);
  expect(graph.from.length).toBeGreaterThan(37_000);
  // About 60 ms alone; the machine may be busy.
  expect(milliseconds).toBeLessThan(2_000);
});
