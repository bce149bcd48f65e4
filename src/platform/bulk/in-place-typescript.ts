import { createRequire, stripTypeScriptTypes } from "node:module";
import type * as acorn from "acorn";
import type { CallExpression, Expression, Node, ObjectExpression, Program, Property } from "acorn";
import type { FindLiteral, Literal } from "./literal.ts";

/** Finds values in a TypeScript file: the first step of a path is the app, `app("cart", { … })` at the file's top. */
export function typeScriptLiterals(text: string): FindLiteral {
  const program = parsed(text);
  const calls = program ? appCalls(program) : [];
  return ([app = "", ...path], value) => {
    if (!program) return { refused: "its source cannot be parsed" };
    const own = calls.filter(({ name }) => name === app);
    const [call] = own;
    if (!call || own.length > 1)
      return {
        refused: `no one call app("${app}", { … }) makes it, so it may be made by a loop or a helper`,
      };
    if (call.isNested)
      return { refused: "it is made inside a function or a loop, which may make others too" };
    return literalIn(call.spec, path, value, text);
  };
}

function parsed(text: string): Program | undefined {
  try {
    // Only what edits a source pays for loading the parser.
    const { parse } = createRequire(import.meta.url)("acorn") as typeof acorn;
    // Types become blanks of the same length, so offsets stay those of the source.
    return parse(stripTypeScriptTypes(text), { ecmaVersion: "latest", sourceType: "module" });
  } catch {
    return undefined;
  }
}

interface AppCall {
  name: string;
  spec: Expression | undefined;
  isNested: boolean;
}

function appCalls(program: Program): AppCall[] {
  const calls: AppCall[] = [];
  const visit = (node: Node, isNested: boolean): void => {
    const inside = isNested || /Function|For|While|Class|Conditional|^If/.test(node.type);
    if (node.type === "CallExpression") calls.push(...appCall(node as CallExpression, inside));
    for (const child of Object.values(node).flat()) if (isNode(child)) visit(child, inside);
  };
  visit(program, false);
  return calls;
}

function isNode(value: unknown): value is Node {
  return value !== null && typeof value === "object" && "type" in value;
}

function appCall({ callee, arguments: given }: CallExpression, isNested: boolean): AppCall[] {
  const [name, spec] = given;
  if (callee.type !== "Identifier" || callee.name !== "app" || name?.type !== "Literal") return [];
  return [{ name: String(name.value), spec: spec?.type === "SpreadElement" ? undefined : spec, isNested }];
}

function literalIn(
  spec: Expression | undefined,
  path: readonly string[],
  value: unknown,
  text: string,
): Literal {
  let node: Node | undefined = spec;
  for (const key of path) {
    if (node?.type !== "ObjectExpression") return { refused: "it is computed" };
    const { properties } = node as ObjectExpression;
    const at = properties.findLastIndex(
      (property) => property.type === "Property" && keyOf(property) === key,
    );
    if (at < 0) return { refused: "it is not written there" };
    if (properties.slice(at).some(({ type }) => type === "SpreadElement"))
      return { refused: "what is spread after it may replace it" };
    node = (properties[at] as Property).value;
  }
  if (node?.type !== "Literal" || !("value" in node)) return { refused: "it is computed" };
  return { start: node.start, end: node.end, text: quoted(value, text.slice(node.start, node.end)) };
}

function keyOf({ key, computed }: Property): string | undefined {
  if (computed) return undefined;
  return key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : undefined;
}

/** As the source quotes it, where that needs no escapes. */
function quoted(value: unknown, before: string): string {
  const text = JSON.stringify(value);
  return before.startsWith("'") && typeof value === "string" && !/['\\\n]/.test(value) ? `'${value}'` : text;
}
