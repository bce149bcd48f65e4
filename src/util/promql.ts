/** PromQL as Prometheus' own grammar reads it, without a server: whether a query can be one, and what it gives. */
import { parser } from "@prometheus-io/lezer-promql";

/** What a query gives that is no single number at a time. */
const notInstant = new Set(["MatrixSelector", "SubqueryExpr", "StringLiteral"]);

/** What is wrong with a query, in words; undefined where nothing is. */
export function promqlFault(query: string): string | undefined {
  if (query.trim() === "") return "it is empty";
  const tree = parser.parse(query);
  let at: number | undefined;
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) at ??= from;
    },
  });
  if (at !== undefined) return `it cannot be read ${placeOf(query, at)}`;
  const form = tree.topNode.firstChild?.name ?? "";
  return notInstant.has(form) ? "it gives a range or a text, where a number is needed" : undefined;
}

function placeOf(query: string, at: number): string {
  const rest = query.slice(at).trim();
  return rest === "" ? "at its end" : `from \`${rest.length > 30 ? `${rest.slice(0, 30)}…` : rest}\` on`;
}

/** The metrics a query reads, by name. */
export function metricNames(query: string): string[] {
  const names: string[] = [];
  parser.parse(query).iterate({
    enter: ({ name, from, to, node }) => {
      if (name === "Identifier" && node.parent?.name === "VectorSelector") names.push(query.slice(from, to));
    },
  });
  return names;
}
