import type { EdgeKind, Graph, GraphNode } from "../graph.ts";
import { edgesOf } from "../graph.ts";

const shapes = { host: "house", app: "box", part: "component", secret: "note", volume: "cylinder" } as const;

const styles: Record<EdgeKind, string> = {
  routes: "",
  calls: "",
  after: "style=bold",
  needs: "style=dotted",
  uses: "style=dotted",
  reads: "style=dashed",
  keeps: "style=dashed",
};

/** The graph in Graphviz' language; namespaces are clusters where there are several. */
export function toDot(graph: Graph, title: string): string {
  const apps = graph.nodes.filter(({ namespace }) => namespace !== undefined);
  const namespaces = new Set(apps.map(({ namespace }) => namespace));
  const boxed = namespaces.size > 1 ? [...namespaces].sort() : [];
  const loose = boxed.length > 0 ? graph.nodes.filter((n) => n.namespace === undefined) : graph.nodes;
  const lines = [
    `digraph ${quoted(title)} {`,
    '  rankdir=LR; bgcolor="transparent"; node [fontname="Helvetica"]; edge [fontname="Helvetica", color="#7d8590"];',
    ...loose.map((node) => `  ${statement(node)}`),
    ...boxed.flatMap((name) => [
      `  subgraph ${quoted(`cluster_${name}`)} {`,
      `    label=${quoted(name ?? "")}; color="#7d8590";`,
      ...apps.filter(({ namespace }) => namespace === name).map((node) => `    ${statement(node)}`),
      "  }",
    ]),
    ...edgesOf(graph).map(({ from, to, kind, label }) => {
      const said = label === undefined ? kind : `${kind}: ${label}`;
      const attributes = [`tooltip=${quoted(said)}`, styles[kind]].filter(Boolean).join(", ");
      return `  ${quoted(from)} -> ${quoted(to)} [${attributes}];`;
    }),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function statement({ id, kind, name, detail, stateful }: GraphNode): string {
  const label = detail ? `${escaped(name)}\\n${escaped(detail)}` : escaped(name);
  const shape = stateful ? shapes.volume : shapes[kind];
  return `${quoted(id)} [label="${label}", shape=${shape}, tooltip=${quoted(`${kind} ${name}`)}];`;
}

/** A backslash begins an escape in Graphviz' labels, a quote ends the text. */
function escaped(text: string): string {
  return text.replace(/[\\"]/g, "\\$&");
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}
