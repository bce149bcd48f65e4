import { counted } from "../util/counted.ts";
import { buildGraph, type EdgeKind, edgeAt, type Graph, type GraphNode } from "./graph.ts";

/** The group of an app: the value of `namespace` or of a label; apps without it are one group. */
function groupOf({ namespace, labels }: GraphNode, by: string): string {
  return (by === "namespace" ? namespace : labels?.[by]) ?? `no ${by}`;
}

const drawn = 60;

/**
 * What to group a graph by that is too large to be drawn: the namespace, or else the label that tells most groups
 * apart of those that can still be drawn. Undefined where nothing divides the apps into 2 to 60 groups.
 */
export function groupingFor(graph: Graph): string | undefined {
  const apps = graph.nodes.filter(({ kind }) => kind === "app");
  const keys = new Set(apps.flatMap(({ labels }) => Object.keys(labels ?? {})));
  const candidates = ["namespace", ...[...keys].sort()].map((by) => {
    const groups = new Set(apps.map((app) => groupOf(app, by)));
    return { by, size: groups.size, loose: apps.filter((app) => groupOf(app, by) === `no ${by}`).length };
  });
  const fitting = candidates.filter(
    ({ size, loose }) => size >= 2 && size <= drawn && loose * 2 < apps.length,
  );
  const [first] = fitting;
  if (first?.by === "namespace") return first.by;
  return fitting.toSorted((a, b) => b.size - a.size)[0]?.by;
}

/**
 * Apps by group: one node a group, that says what it stands for, and one edge for all that leads from one group to
 * another, with their number. Everything but apps is left out.
 */
export function groupApps(graph: Graph, by: string): Graph {
  const groups = graph.nodes.map((node) => (node.kind === "app" ? groupOf(node, by) : undefined));
  const inside = new Map<string, number>();
  const between = new Map<string, { from: string; to: string; kind: EdgeKind; count: number }>();
  for (const e of graph.from.keys()) {
    const [from, to] = [groups[graph.from[e] as number], groups[graph.to[e] as number]];
    if (from === undefined || to === undefined) continue;
    if (from === to) inside.set(from, (inside.get(from) ?? 0) + 1);
    else {
      const { kind } = edgeAt(graph, e);
      const edge = between.get(`${from} ${to} ${kind}`) ?? { from, to, kind, count: 0 };
      between.set(`${from} ${to} ${kind}`, { ...edge, count: edge.count + 1 });
    }
  }
  const members = Map.groupBy(
    graph.nodes.filter(({ kind }) => kind === "app"),
    (node) => groupOf(node, by),
  );
  const nodes = [...members].map(([name, apps]): GraphNode => {
    const stateful = apps.filter((app) => app.stateful).length;
    return {
      id: `app/${name}`,
      kind: "app",
      name,
      detail: [
        counted(apps.length, "app"),
        ...(stateful > 0 ? [`${stateful} with data`] : []),
        ...(inside.has(name) ? [`${counted(inside.get(name) ?? 0, "edge")} inside`] : []),
      ].join(", "),
    };
  });
  const edges = [...between.values()].map(({ from, to, kind, count }) => ({
    from: `app/${from}`,
    to: `app/${to}`,
    kind,
    label: String(count),
  }));
  return buildGraph(nodes, edges);
}
