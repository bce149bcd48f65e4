import fc from "fast-check";
import { expect, test } from "vitest";
import { selectApps } from "./filter.ts";
import { buildGraph, type GraphNode } from "./graph.ts";
import { groupingFor } from "./group.ts";
import { impactOf } from "./impact.ts";
import { sharedData, sharedHosts } from "./shared.ts";
import { distances, type Model, models } from "./testing/arbitrary.ts";
import { ringOf } from "./testing/examples.ts";

const runs = { numRuns: 400, seed: 4 };

/** Nodes of every kind: the model's apps, some of which stand for hosts, secrets and volumes. */
const mixed = fc
  .tuple(
    models(),
    fc.array(fc.constantFrom("app", "host", "secret", "volume", "part"), { minLength: 11, maxLength: 11 }),
  )
  .map(
    ([{ nodes, edges }, kinds]): Model => ({
      edges,
      nodes: nodes.map((node, i) => ({ ...node, kind: kinds[i] as GraphNode["kind"] })),
    }),
  );

test("a change reaches all that need it, however far away, and names who shares its data", () => {
  fc.assert(
    fc.property(mixed, fc.nat(), ({ nodes, edges }, pick) => {
      const graph = buildGraph(nodes, edges);
      const start = pick % nodes.length;
      const id = graph.nodes[start]?.id ?? "";
      const of = distances({ nodes, edges });
      const { affected, sharing } = impactOf(graph, start);
      const expected = nodes.filter((node) => node.id !== id && Number.isFinite(of(node.id, id)));
      expect(affected.map(({ node }) => node.id).sort()).toEqual(expected.map((node) => node.id).sort());
      for (const { node, distance } of affected) expect(distance).toBe(of(node.id, id));

      const isData = ({ kind, stateful }: GraphNode) => kind === "secret" || kind === "volume" || stateful;
      const users = (data: string) =>
        nodes.filter(
          (node) =>
            node.kind === "app" && node.id !== id && edges.some((e) => e.from === node.id && e.to === data),
        );
      const used = nodes.filter(
        (node) => isData(node) && edges.some((e) => e.from === id && e.to === node.id),
      );
      const shared = used.filter((node) => users(node.id).length > 0);
      expect(sharing.map(({ node }) => node.id).sort()).toEqual(shared.map((node) => node.id).sort());
      for (const { node, apps } of sharing)
        expect(apps.map((app) => app.id)).toEqual(
          users(node.id)
            .map((app) => app.id)
            .sort(),
        );
    }),
    runs,
  );
});

test("what several use is found with everyone who does", () => {
  fc.assert(
    fc.property(mixed, ({ nodes, edges }) => {
      const graph = buildGraph(nodes, edges);
      const idOf = (n: number) => graph.nodes[n]?.id;
      const from = (kind: string, to: string) =>
        nodes.filter((node) => node.kind === kind && edges.some((e) => e.from === node.id && e.to === to));
      const data = nodes.filter(({ kind, stateful }) => kind === "secret" || kind === "volume" || stateful);
      const expected = data.filter(({ id }) => from("app", id).length > 1);
      const found = sharedData(graph);
      expect(found.map(({ node }) => idOf(node)).sort()).toEqual(expected.map(({ id }) => id).sort());
      for (const { node, by } of found)
        expect(by.map(idOf)).toEqual(
          from("app", idOf(node) ?? "")
            .map(({ id }) => id)
            .sort(),
        );
      const { hosts, targets } = sharedHosts(graph);
      const led = (id: string) => new Set(edges.filter((e) => e.from === id).map((e) => e.to));
      const several = nodes.filter(({ kind, id }) => kind === "host" && led(id).size > 1);
      expect(hosts.map(({ node }) => idOf(node)).sort()).toEqual(several.map(({ id }) => id).sort());
      for (const { node, by } of hosts) expect(new Set(by.map(idOf))).toEqual(led(idOf(node) ?? ""));
      const reached = nodes.filter(({ id }) => from("host", id).length > 1);
      expect(targets.map(({ node }) => idOf(node)).sort()).toEqual(reached.map(({ id }) => id).sort());
    }),
    runs,
  );
});

test("a selection keeps its apps with what belongs to them, and counts what it cuts", () => {
  fc.assert(
    fc.property(mixed, ({ nodes, edges }) => {
      const whole = buildGraph(nodes, edges);
      const wanted = ({ namespace }: GraphNode) => namespace === "n";
      const { graph, cut } = selectApps(whole, wanted);
      const apps = new Set(nodes.filter((node) => node.kind === "app" && wanted(node)).map(({ id }) => id));
      expect(new Set(graph.nodes.filter(({ kind }) => kind === "app").map(({ id }) => id))).toEqual(apps);
      const app = (id: string) => nodes.find((node) => node.id === id)?.kind === "app";
      const between = [...new Set(edges.map(({ from, to, kind }) => `${from} ${to} ${kind}`))].map((e) =>
        e.split(" "),
      );
      const crossing = between.filter(
        ([from = "", to = ""]) => app(from) && app(to) && apps.has(from) !== apps.has(to),
      );
      expect(cut).toBe(crossing.length);
      for (const { from, to } of edges)
        if (apps.has(from) && !app(to)) expect(graph.indexOf.has(to), `${to} belongs to ${from}`).toBe(true);
    }),
    runs,
  );
});

test("apps are grouped by namespace where that divides them, else by the label that tells most apart", () => {
  const label = (count: number) => (i: number) => ({ labels: { tier: `t${i % 3}`, team: `m${i % count}` } });
  expect(groupingFor(ringOf(100, (i) => ({ namespace: `n${i % 2}`, ...label(9)(i) })))).toBe("namespace");
  expect(groupingFor(ringOf(100, (i) => ({ namespace: "one", ...label(9)(i) })))).toBe("team");
  expect(groupingFor(ringOf(100, label(61)))).toBe("tier");
  expect(groupingFor(ringOf(100, (i) => (i < 40 ? { labels: { tier: `t${i % 2}` } } : {})))).toBeUndefined();
  expect(groupingFor(ringOf(100))).toBeUndefined();
});
