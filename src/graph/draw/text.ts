import { counted } from "../../util/counted.ts";
import { type Cycle, cycles, formatCycle } from "../cycles.ts";
import type { GraphDiff } from "../diff.ts";
import { type EdgeKind, edgeKinds, type Graph, type GraphNode } from "../graph.ts";
import type { Impact } from "../impact.ts";
import type { Waves } from "../order.ts";
import { type Shared, sharedData, sharedHosts } from "../shared.ts";

/** How many lines a section has at most; the rest is counted. */
const most = 200;

/** The graph as people read it: who calls whom, where host names lead, what is shared, and cycles. */
export function graphText(graph: Graph, title: string): string {
  const apps = nodesOf(graph, "app");
  const calls = cycles(graph, ["calls"]);
  const { hosts, targets } = sharedHosts(graph);
  const usersOf = ({ node, by }: Shared) => `${nameOf(graph, node)}: ${names(graph, by)}`;
  return [
    `${title}: ${summary(graph)}\n`,
    section("apps, and what they call", columns(apps.map((n) => [nameOf(graph, n), needsOf(graph, n)]))),
    section(
      "host names",
      columns(
        nodesOf(graph, "host").map((n) => [
          nameOf(graph, n),
          `→ ${names(graph, targetsOf(graph, n, "routes"))}`,
        ]),
      ),
    ),
    section("host names that lead to several", hosts.map(usersOf)),
    section("what several host names lead to", targets.map(usersOf)),
    section(
      "data that several apps use",
      sharedData(graph).map((s) => `${graph.nodes[s.node]?.kind} ${usersOf(s)}`),
    ),
    section(
      "cycles of calls (allowed)",
      calls.map((cycle) => cycleText(graph, cycle)),
    ),
    section(
      "parts, and what of others they need or use",
      columns(nodesOf(graph, "part").map((n) => [nameOf(graph, n), needsOf(graph, n)])),
    ),
  ].join("");
}

/** What a change of a node can reach, nearest first. */
export function impactText(node: GraphNode, impact: Impact): string {
  const { affected, clusters, sharing } = impact;
  const rows = affected.map(({ node: { kind, name }, distance, via }) => [
    String(distance),
    kind,
    name,
    distance > 1 ? `by ${via.name}` : "",
  ]);
  const where = clusters ? `${counted(clusters.length, "cluster")}: ${list(clusters)}` : "every cluster";
  return [
    `a change of ${node.kind} ${node.name} can reach ${affectedText(affected)}, on ${where}\n`,
    section("by distance", columns(rows)),
    section(
      "shares data with, without calling",
      sharing.map(
        ({ node: data, apps }) => `${data.kind} ${data.name}: ${list(apps.map(({ name }) => name))}`,
      ),
    ),
  ].join("");
}

/** The order of a first rollout. */
export function orderText(graph: Graph, { waves, dropped, blocked }: Waves): string {
  const lines = waves.map((nodes, i) => `  ${i + 1}  ${list(nodes.map((n) => nameOf(graph, n)))}\n`);
  const free = dropped.map(
    (e) => `${nameOf(graph, graph.from[e] as number)} → ${nameOf(graph, graph.to[e] as number)}`,
  );
  return [
    `${counted(waves.length, "wave")}; each needs only those before it\n`,
    ...lines,
    section("not ordered, for they lie on a cycle", free),
    section(
      "never, for they wait for each other",
      blocked.map((cycle) => cycleText(graph, cycle)),
    ),
  ].join("");
}

/** What came and went between two graphs. */
export function diffText({ added, removed, changed }: GraphDiff): string {
  const lines = (
    [
      ["+", added],
      ["-", removed],
      ["~", changed],
    ] as const
  ).flatMap(([sign, part]) => [
    ...part.nodes.map(({ kind, name }) => `${sign} ${kind} ${name}`),
    ...part.edges.map(
      ({ from, kind, to, label }) =>
        `${sign} ${from} ${kind} ${to}${label === undefined ? "" : ` (${label})`}`,
    ),
  ]);
  return lines.length > 0 ? `${lines.join("\n")}\n` : "no difference\n";
}

function summary(graph: Graph): string {
  const parts = (["app", "part", "host", "secret", "volume"] as const).map((kind) => {
    const noun = kind === "host" ? "host name" : kind;
    return counted(nodesOf(graph, kind).length, noun);
  });
  const calls = graph.kind.filter((kind) => edgeKinds[kind] === "calls").length;
  return [...parts, counted(calls, "call")].join(", ");
}

function affectedText(affected: Impact["affected"]): string {
  const kinds = Map.groupBy(affected, ({ node }) => node.kind);
  const parts = [...kinds].map(([kind, those]) =>
    counted(those.length, kind === "host" ? "host name" : kind),
  );
  return parts.join(" and ") || "nothing else";
}

/** What one node leads to: what it calls and needs, what it comes after. */
function needsOf(graph: Graph, n: number): string {
  const of = (kind: EdgeKind) => targetsOf(graph, n, kind);
  const [calls, after, needs, uses] = [of("calls"), of("after"), of("needs"), of("uses")];
  return [
    calls.length > 0 ? `→ ${names(graph, calls)}` : "",
    after.length > 0 ? `after ${names(graph, after)}` : "",
    needs.length > 0 ? `needs ${names(graph, needs)}` : "",
    uses.length > 0 ? `uses ${names(graph, uses)}` : "",
  ]
    .filter(Boolean)
    .join("; ");
}

function targetsOf(graph: Graph, n: number, kind: EdgeKind): number[] {
  const wanted = edgeKinds.indexOf(kind);
  const [start, end] = [graph.outStart[n] as number, graph.outStart[n + 1] as number];
  return [...graph.to.subarray(start, end)].filter((_, i) => graph.kind[start + i] === wanted);
}

function cycleText(graph: Graph, cycle: Cycle): string {
  const more = cycle.members.length - cycle.path.length;
  return `${formatCycle(graph, cycle)}${more > 0 ? `, with ${more} more that all reach each other` : ""}`;
}

function nodesOf(graph: Graph, kind: GraphNode["kind"]): number[] {
  return [...graph.nodes.keys()].filter((n) => graph.nodes[n]?.kind === kind);
}

const nameOf = (graph: Graph, n: number) => graph.nodes[n]?.name ?? "";
const names = (graph: Graph, nodes: readonly number[]) => list(nodes.map((n) => nameOf(graph, n)));

function list(items: readonly string[]): string {
  return items.length > 12
    ? `${items.slice(0, 12).join(", ")} and ${items.length - 12} more`
    : items.join(", ");
}

function section(title: string, lines: string[]): string {
  if (lines.length === 0) return "";
  const shown = lines.slice(0, most).map((line) => `  ${line}\n`);
  const rest =
    lines.length > most ? `  and ${lines.length - most} more: narrow with --where, or --format json\n` : "";
  return `\n${title}\n${shown.join("")}${rest}`;
}

/** Rows with their first columns of one width. */
function columns(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
