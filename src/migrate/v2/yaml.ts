import { isAlias, isMap, isScalar, type Node, type Pair, parseDocument, type YAMLMap } from "yaml";
import type { TextEdit } from "../../util/text-edits.ts";
import type { Obstacle, Rewritten } from "../types.ts";

/**
 * `landfall: 1` becomes 2, and `environments: { prod: … }` of each app the list `overrides`. The text is edited where
 * the parser says it stands, so comments, quotes and everything else stay to the character.
 */
export function yamlToV2(text: string): Rewritten {
  const { contents } = parseDocument(text, { prettyErrors: false });
  const out: Rewritten = { edits: [], obstacles: [] };
  if (!isMap(contents)) return out;
  const version = pairOf(contents, "landfall")?.value;
  if (isScalar(version)) out.edits.push({ ...rangeOf(version), text: "2" });
  const apps = pairOf(contents, "apps")?.value;
  if (!isMap(apps)) return out;
  const lists = new Set<unknown>();
  for (const { value: app } of apps.items) {
    // What an alias stands for is rewritten where it is written.
    const pair = isMap(app) ? pairOf(app, "environments") : undefined;
    if (pair) rewrite(text, pair, lists, out);
  }
  return out;
}

function rewrite(text: string, pair: Pair<Node, Node>, lists: Set<unknown>, out: Rewritten): void {
  const { key, value } = pair;
  const renamed: TextEdit = { ...rangeOf(key), text: "overrides" };
  if (isAlias(value) && lists.has(value.source)) {
    out.edits.push(renamed);
    return;
  }
  const edits = isMap(value) ? (value.flow ? flowEdits(value) : blockEdits(text, value)) : undefined;
  if (edits === undefined) {
    out.obstacles.push({
      at: rangeOf(key).start,
      within: [rangeOf(key).start, rangeOf(value).end],
      what: whatOf(value),
    });
    return;
  }
  if (isMap(value) && value.anchor) lists.add(value.anchor);
  out.edits.push(renamed, ...edits);
}

const whatOf = (value: unknown): Obstacle["what"] =>
  isAlias(value) ? "an alias of something else" : "not a mapping of environments by plain names";

/** `{ prod: V }` → `[{ where: { environment: prod }, set: V }]`. */
function flowEdits(map: YAMLMap): TextEdit[] | undefined {
  const { start, end } = rangeOf(map);
  const pairs = map.items as Pair<Node, Node | null>[];
  if (!pairs.every(isPlain)) return undefined;
  return [
    { start, end: start + 1, text: "[" },
    ...pairs.flatMap(({ key, value }) => [
      { start: rangeOf(key).start, end: rangeOf(key).start, text: "{ where: { environment: " },
      { start: rangeOf(key).end, end: rangeOf(key).end, text: " }, set" },
      { start: rangeOf(value).end, end: rangeOf(value).end, text: " }" },
    ]),
    { start: end - 1, end, text: "]" },
  ];
}

/**
 *     prod:              - where: { environment: prod }
 *       scale: …     →     set:
 *                            scale: …
 * Every line of the value moves by two, so that it stays below its key.
 */
function blockEdits(text: string, map: YAMLMap): TextEdit[] | undefined {
  const pairs = map.items as Pair<Node, Node | null>[];
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const edits: TextEdit[] = [];
  for (const pair of pairs) {
    const { start, end } = rangeOf(pair.key);
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    const indent = text.slice(lineStart, start);
    if (!isPlain(pair) || indent.trim() !== "") return undefined;
    const name = text.slice(start, end);
    edits.push({ start, end, text: `- where: { environment: ${name} }${newline}${indent}  set` });
    for (
      let at = text.indexOf("\n", end) + 1;
      at > 0 && at < rangeOf(pair.value).end;
      at = text.indexOf("\n", at) + 1
    ) {
      if (!/[\r\n]/.test(text[at] ?? "\n")) edits.push({ start: at, end: at, text: "  " });
    }
  }
  return edits;
}

/** A pair whose key is a simple name and whose value is written out or an alias. */
function isPlain({ key, value }: Pair<Node, Node | null>): boolean {
  return isScalar(key) && typeof key.value === "string" && !key.anchor && !key.tag && Boolean(value?.range);
}

function pairOf(map: YAMLMap, name: string): Pair<Node, Node> | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name) as Pair<Node, Node> | undefined;
}

/** Where a node's text is, without comments after it. */
function rangeOf(node: Node | null | undefined): { start: number; end: number } {
  const [start = 0, end = 0] = node?.range ?? [];
  return { start, end };
}
