import { buildGraph, type EdgeKind, type GraphNode } from "../graph.ts";

const nasty = `a "quoted" \\ back\\nslash <b> & #35; [x] {y} | \`z\` éß`;

/** One node of each kind, one edge of each kind, and names that every format must escape. */
export const everyKind = buildGraph(
  [
    { id: "host/x.example", kind: "host", name: "x.example" },
    {
      id: "app/end",
      kind: "app",
      name: "end",
      namespace: "graph",
      labels: { tier: "web" },
      clusters: ["eu"],
    },
    { id: "app/store", kind: "app", name: "store", namespace: "data", stateful: true },
    { id: "part/traefik", kind: "part", name: "traefik" },
    { id: "part/prometheus", kind: "part", name: "prometheus" },
    { id: "secret/key", kind: "secret", name: "key" },
    { id: "volume/store/data", kind: "volume", name: "store/data" },
    { id: `app/${nasty}`, kind: "app", name: nasty, namespace: nasty, detail: nasty },
  ],
  [
    { from: "host/x.example", to: "app/end", kind: "routes", label: "/" },
    { from: "app/end", to: "app/store", kind: "calls" },
    { from: "app/store", to: "app/end", kind: "calls" },
    { from: "app/end", to: "app/store", kind: "after" },
    { from: "app/end", to: "part/traefik", kind: "needs", label: "gateway" },
    { from: "part/traefik", to: "part/prometheus", kind: "uses", label: "metricsStore" },
    { from: "app/end", to: "secret/key", kind: "reads", label: nasty },
    { from: "app/store", to: "volume/store/data", kind: "keeps", label: "/data" },
    { from: `app/${nasty}`, to: "app/store", kind: "calls", label: "7" },
  ],
);

/** Apps in a ring of calls, spread over namespaces and labels. */
export function ringOf(count: number, more: (i: number) => Partial<GraphNode> = () => ({})) {
  const id = (i: number) => `app/a${i % count}`;
  return buildGraph(
    Array.from({ length: count }, (_, i) => ({ id: id(i), kind: "app" as const, name: `a${i}`, ...more(i) })),
    Array.from({ length: count }, (_, i) => ({ from: id(i), to: id(i + 1), kind: "calls" as EdgeKind })),
  );
}
