import type { EdgeKind, Graph, GraphNode } from "../graph.ts";
import { edgesOf } from "../graph.ts";
import { colours, roleOf } from "./colours.ts";

const arrows: Record<EdgeKind, string> = {
  routes: "-->",
  calls: "-->",
  after: "==>",
  needs: "-.->",
  uses: "-.->",
  reads: "-.->",
  keeps: "-.->",
};

/** The graph as a Mermaid flowchart; nodes are named by number, for Mermaid has words that no id may be. */
export function toMermaid(graph: Graph): string {
  const roles = new Set(graph.nodes.map(roleOf));
  const lines = [
    "flowchart LR",
    ...graph.nodes.map((node, n) => `  n${n}${shaped(node)}:::${roleOf(node)}`),
    ...edgesOf(graph).map(({ from, to, kind, label }) => {
      const ends = [from, to].map((id) => `n${graph.indexOf.get(id)}`);
      const text = kind === "after" ? "after" : label;
      return `  ${ends[0]} ${arrows[kind]}${text === undefined ? "" : `|${quoted(text)}|`} ${ends[1]}`;
    }),
    ...[...roles]
      .sort()
      .map((role) => `  classDef ${role} fill:${colours[role]},stroke:${colours[role]},color:#ffffff`),
  ];
  return `${lines.join("\n")}\n`;
}

function shaped(node: GraphNode): string {
  const text = quoted(node.detail ? `${node.name}, ${node.detail}` : node.name);
  if (node.kind === "host") return `([${text}])`;
  if (node.kind === "part") return `[[${text}]]`;
  if (node.kind === "secret") return `{{${text}}}`;
  return node.kind === "volume" || node.stateful ? `[(${text})]` : `[${text}]`;
}

/** Quotes end the text, `#` begins an entity, and a backtick would make it Markdown. */
function quoted(text: string): string {
  return `"${text.replace(/["#`<>&\\]/g, (c) => `#${c.charCodeAt(0)};`)}"`;
}
