import type { CallExpression, Expression, Node, ObjectExpression, Program, Property } from "acorn";
import { parseTypeScript, visit } from "../../model/locate.ts";
import type { Rewritten } from "../types.ts";

/**
 * In the literal of each `app(…)` the key `environments` becomes `overrides`, whose entries `prod.set(…)` stay as they
 * are; `company(…)` says `landfall: 2`. Only calls of what the module imports from landfall count.
 */
export function typescriptToV2(text: string): Rewritten {
  const out: Rewritten = { edits: [], obstacles: [] };
  const program = parseTypeScript(text);
  const calls = importedCalls(program);
  visit(program, (node) => {
    if (node.type !== "CallExpression") return;
    const call = node as CallExpression;
    const name = calls(call.callee);
    if (name === "app") rewriteApp(text, call, out);
    if (name === "company") rewriteCompany(text, call, out);
  });
  return out;
}

/** Tells which function of landfall a callee is, by the module's imports. */
function importedCalls(program: Program): (callee: Node) => string | undefined {
  const names = new Map<string, string>();
  const spaces = new Set<string>();
  for (const node of program.body) {
    if (node.type !== "ImportDeclaration" || node.source.value !== "landfall") continue;
    for (const specifier of node.specifiers) {
      if (specifier.type === "ImportNamespaceSpecifier") spaces.add(specifier.local.name);
      else if (specifier.type === "ImportSpecifier" && specifier.imported.type === "Identifier")
        names.set(specifier.local.name, specifier.imported.name);
    }
  }
  return (callee) => {
    if (callee.type === "Identifier") return names.get((callee as { name?: string }).name ?? "");
    if (callee.type !== "MemberExpression") return undefined;
    const { object, property } = callee as unknown as {
      object: { name?: string };
      property: { name?: string };
    };
    return spaces.has(object.name ?? "") ? property.name : undefined;
  };
}

function rewriteApp(text: string, call: CallExpression, out: Rewritten): void {
  const literal = literalOf(call, out);
  for (const property of literal?.properties ?? []) {
    if (property.type !== "Property" || property.computed) {
      const what = property.type === "Property" ? "a computed key" : "a spread";
      out.obstacles.push({ at: property.start, within: [call.start, call.end], what });
    } else if (keyOf(property) === "environments") {
      const { start, end } = property.key;
      const key = text.slice(start, end).replace("environments", "overrides");
      out.edits.push({ start, end, text: property.shorthand ? `${key}: environments` : key });
    }
  }
}

function rewriteCompany(text: string, call: CallExpression, out: Rewritten): void {
  const literal = literalOf(call, out);
  if (!literal) return;
  const known = literal.properties.find(
    (p): p is Property => p.type === "Property" && keyOf(p) === "landfall",
  );
  if (known) {
    out.edits.push({ start: known.value.start, end: known.value.end, text: "2" });
    return;
  }
  const start = literal.start + 1;
  const [first] = literal.properties;
  // As what follows stands: on a line of its own with its indentation, or on the same line.
  const space = text.slice(start).match(/^[ \t]*\r?\n[ \t]*/)?.[0] ?? " ";
  out.edits.push({ start, end: start, text: `${space}landfall: 2${first ? "," : " "}` });
}

/** The object literal a call is given; anything else is an obstacle. */
function literalOf(call: CallExpression, out: Rewritten): ObjectExpression | undefined {
  const argument = call.arguments[1] as Expression | undefined;
  if (argument?.type === "ObjectExpression") return argument;
  const what = "an argument that is no object literal";
  out.obstacles.push({ at: argument?.start ?? call.start, within: [call.start, call.end], what });
  return undefined;
}

function keyOf({ key, computed }: Property): string | undefined {
  if (computed) return undefined;
  return key.type === "Identifier" ? key.name : String((key as { value?: unknown }).value);
}
