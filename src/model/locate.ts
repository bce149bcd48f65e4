import { readFileSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import type * as acorn from "acorn";
import type { Expression, Node, ObjectExpression, Program } from "acorn";
import type { Place } from "../util/errors.ts";
import type { CallSite } from "./call-site.ts";

const programs = new Map<string, Program | undefined>();

/**
 * The place of a key inside the object literal that a call at `site` was given, e.g. `["scale", "max"]` of
 * `app("cart", { scale: { max: 3 } })`. Falls back to the deepest key found, and to the call itself.
 */
export function locateInCall(site: CallSite, path: readonly (string | number)[]): Place {
  const place: Place = { file: site.file, line: site.line, column: site.column };
  if (path.length === 0) return place;
  const program = programOf(site.file);
  const call = program && findCall(program, site);
  const literal = call?.arguments.findLast((argument) => argument.type === "ObjectExpression");
  const found = literal && deepest(literal, path);
  return found?.loc
    ? { file: site.file, line: found.loc.start.line, column: found.loc.start.column + 1 }
    : place;
}

function programOf(file: string): Program | undefined {
  if (!programs.has(file)) programs.set(file, parseFile(file));
  return programs.get(file);
}

function parseFile(file: string): Program | undefined {
  try {
    return parseTypeScript(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** A module's syntax tree. Types become blanks of the same length, so positions stay those of the text. */
export function parseTypeScript(text: string): Program {
  // Only what reports a problem pays for loading the parser.
  const { parse } = createRequire(import.meta.url)("acorn") as typeof acorn;
  return parse(stripTypeScriptTypes(text), { ecmaVersion: "latest", sourceType: "module", locations: true });
}

type Call = Extract<Node, { type: string }> & { arguments: Expression[]; callee: Expression };

/** The call whose callee covers the site's position; the engine names the callee's last identifier. */
function findCall(program: Program, site: CallSite): Call | undefined {
  let found: Call | undefined;
  visit(program, (node) => {
    if (node.type !== "CallExpression") return;
    const call = node as Call;
    const { start, end } = call.callee.loc ?? {};
    if (!start || !end) return;
    const position = site.line * 1e6 + site.column - 1;
    if (start.line * 1e6 + start.column <= position && position <= end.line * 1e6 + end.column) found = call;
  });
  return found;
}

/** See every node of a syntax tree, outer ones first. */
export function visit(node: unknown, see: (node: Node) => void): void {
  if (Array.isArray(node)) for (const item of node) visit(item, see);
  else if (node !== null && typeof node === "object" && "type" in node) {
    see(node as Node);
    for (const value of Object.values(node)) if (typeof value === "object") visit(value, see);
  }
}

function deepest(literal: ObjectExpression, path: readonly (string | number)[]): Node | undefined {
  let current: Node | undefined = literal;
  let found: Node | undefined;
  for (const key of path) {
    const next: { at: Node; value: Node } | undefined = current && child(current, key);
    if (!next) break;
    found = next.at;
    current = next.value;
  }
  return found;
}

function child(node: Node, key: string | number): { at: Node; value: Node } | undefined {
  if (node.type === "ArrayExpression") {
    const item = (node as unknown as { elements: (Node | null)[] }).elements[Number(key)];
    return item ? { at: item, value: item } : undefined;
  }
  if (node.type !== "ObjectExpression") return undefined;
  for (const property of (node as ObjectExpression).properties) {
    if (property.type !== "Property") continue;
    const name =
      property.key.type === "Identifier" ? property.key.name : (property.key as { value?: unknown }).value;
    if (name === String(key)) return { at: property, value: property.value };
  }
  return undefined;
}
