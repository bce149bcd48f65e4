import { buildGraph } from "../graph/graph.ts";
import { reach } from "../graph/reach.ts";

/**
 * Who may feel the change of apps: for each whoever calls it, directly or through others. `callers` maps an app to the
 * apps that call it; apps that nobody calls are left out.
 */
export function reachedBy(
  apps: readonly string[],
  callers: ReadonlyMap<string, readonly string[]>,
): { app: string; callers: string[] }[] {
  if (apps.length === 0) return [];
  const names = new Set([...apps, ...callers.keys(), ...[...callers.values()].flat()]);
  const nodes = [...names].map((name) => ({ id: name, kind: "app" as const, name }));
  const edges = [...callers].flatMap(([to, own]) =>
    own.map((from) => ({ from, to, kind: "calls" as const })),
  );
  const graph = buildGraph(nodes, edges);
  return apps.flatMap((app) => {
    const { order } = reach(graph, [graph.indexOf.get(app) ?? 0], "in");
    const reached = order.slice(1).map((node) => graph.nodes[node]?.name ?? "");
    return reached.length > 0 ? [{ app, callers: reached.sort() }] : [];
  });
}
