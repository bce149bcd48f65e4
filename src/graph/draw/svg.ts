import { type EdgeKind, edgeAt, type Graph, type GraphNode } from "../graph.ts";
import { caption, colours, line, type Role, roleOf } from "./colours.ts";
import { type Box, boxHeight, type Layout, layout, lineHeight, type Route, textWidth } from "./layout.ts";

const margin = 16;
const dashes: Record<EdgeKind, string> = {
  routes: "",
  calls: "",
  after: "9 4",
  needs: "2 4",
  uses: "2 4",
  reads: "2 4",
  keeps: "2 4",
};
const meanings: Record<Role, string> = {
  host: "host name",
  app: "app",
  store: "app with data",
  part: "part",
  secret: "secret",
  volume: "volume",
};

/** The graph as a picture: layered from left to right, readable on light and on dark pages, without scripts. */
export function toSvg(graph: Graph, title: string): string {
  const drawn = layout(graph);
  const legend = legendOf(graph);
  const width = Math.ceil(Math.max(drawn.width, legend.width, textWidth(title) + 24) + 2 * margin);
  const top = lineHeight + 12 + margin;
  const height = Math.ceil(top + drawn.height + legend.height + 2 * margin);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13">
<title>${escaped(title)}</title>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="${line}"/></marker></defs>
${chip(margin, 8, title, caption)}
<g transform="translate(${margin} ${top})">
${drawing(graph, drawn)}
</g>
<g transform="translate(${margin} ${top + drawn.height + margin})">${legend.text}</g>
</svg>
`;
}

function drawing(graph: Graph, { boxes, routes }: Layout): string {
  const edges = routes.map((route, e) => edge(route, edgeAt(graph, e)));
  const nodes = graph.nodes.map((node, n) => box(node, boxes[n] as Box));
  const texts = routes.map((route, e) => edgeText(route, edgeAt(graph, e)));
  return [...edges, ...nodes, ...texts].filter(Boolean).join("\n");
}

function box(node: GraphNode, { x, y, width, height }: Box): string {
  const role = roleOf(node);
  const round = role === "host" ? height / 2 : role === "part" ? 0 : 6;
  const [left, above] = [x - width / 2, y - height / 2].map(rounded);
  const lines = [node.name, ...(node.detail ? [node.detail] : [])];
  const first = y - ((lines.length - 1) * lineHeight) / 2 + 4.5;
  const texts = lines.map(
    (text, i) =>
      `<text x="${rounded(x)}" y="${rounded(first + i * lineHeight)}"${i > 0 ? ' font-size="11"' : ""}>${escaped(text)}</text>`,
  );
  const tip = `${meanings[role]} ${node.name}${node.clusters ? ` on ${node.clusters.length} clusters` : ""}`;
  return `<g text-anchor="middle" fill="#ffffff"><title>${escaped(tip)}</title><rect x="${left}" y="${above}" width="${rounded(width)}" height="${height}" rx="${round}" fill="${colours[role]}"/>${texts.join("")}</g>`;
}

function edge({ points }: Route, { from, to, kind, label }: ReturnType<typeof edgeAt>): string {
  const said = `${from} ${kind} ${to}${label === undefined ? "" : `: ${label}`}`;
  const dash = dashes[kind] && ` stroke-dasharray="${dashes[kind]}"`;
  return `<path d="${curve(points)}" fill="none" stroke="${line}" stroke-width="1.4"${dash} marker-end="url(#tip)"><title>${escaped(said)}</title></path>`;
}

/** A number of edges stands on its line; what a single edge is about is told by its title. */
function edgeText({ points }: Route, { label }: ReturnType<typeof edgeAt>): string {
  const middle = points[Math.floor(points.length / 2)];
  if (!middle || label === undefined || !/^\d+$/.test(label)) return "";
  return chip(middle.x - textWidth(label) / 2 - 5, middle.y - 9, label, caption, 18);
}

/** Small text on a ground of its own. */
function chip(x: number, y: number, text: string, fill: string, height = lineHeight + 6): string {
  const width = textWidth(text) + 10;
  return `<g fill="#ffffff"><rect x="${rounded(x)}" y="${rounded(y)}" width="${rounded(width)}" height="${height}" rx="4" fill="${fill}"/><text x="${rounded(x + 5)}" y="${rounded(y + height / 2 + 4.5)}">${escaped(text)}</text></g>`;
}

/** A smooth line through the bends: quadratic curves whose ends lie half way between them. */
function curve(points: Route["points"]): string {
  const [first, ...rest] = points.map(({ x, y }) => `${rounded(x)} ${rounded(y)}`);
  if (points.length < 3) return `M${first}L${rest.join("L")}`;
  const bends = points.slice(1, -1).map(({ x, y }, i) => {
    const next = points[i + 2] as { x: number; y: number };
    const last = i === points.length - 3;
    const end = last ? next : { x: (x + next.x) / 2, y: (y + next.y) / 2 };
    return `Q${rounded(x)} ${rounded(y)} ${rounded(end.x)} ${rounded(end.y)}`;
  });
  return `M${first}${bends.join("")}`;
}

/** What the colours and lines that occur mean. */
function legendOf(graph: Graph): { text: string; width: number; height: number } {
  const roles = [...new Set(graph.nodes.map(roleOf))].sort();
  const kinds = new Set(Array.from(graph.kind, (_, e) => edgeAt(graph, e).kind));
  let x = 0;
  const parts = roles.map((role) => {
    const text = chip(x, 0, meanings[role], colours[role]);
    x += textWidth(meanings[role]) + 18;
    return text;
  });
  for (const kind of [...kinds].sort()) {
    const dash = dashes[kind] && ` stroke-dasharray="${dashes[kind]}"`;
    parts.push(
      `<path d="M${x} 11h36" stroke="${line}" stroke-width="1.4"${dash} marker-end="url(#tip)"/>`,
      chip(x + 42, 0, kind, caption),
    );
    x += textWidth(kind) + 62;
  }
  return { text: parts.join(""), width: x, height: boxHeight };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
