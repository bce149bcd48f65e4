import {
  CORE_SCHEMA,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
} from "js-yaml";
import type { Code } from "../util/codes.ts";

type Path = readonly (string | number)[];
/** Both count from 1. */
export interface Position {
  line: number;
  column: number;
}

/** What is wrong with a text; lines and columns count from 1. */
export interface TextProblem {
  code: Code;
  what: string;
  why?: string;
  fix: string;
  line?: number;
  column?: number;
}

interface Child {
  /** Where its key begins, or the item of a list. */
  offset: number;
  node: YamlNode;
}
interface YamlNode {
  offset: number;
  keys?: Map<string, Child>;
  items?: Child[];
  /** Keys that stand there twice, or that `refused` names. */
  wrong?: { key: string; offset: number; first: number | undefined }[];
}

/** Gives the place of key paths in a text: of the deepest key of the path that exists. */
export function yamlPlaces(text: string): (path: Path) => Position | undefined {
  const root = nodesOf(text);
  if (!root) return () => undefined;
  const position = positionsIn(text);
  return (path) => {
    let node = root;
    let { offset } = root;
    for (const key of path) {
      const child: Child | undefined = node.keys?.get(String(key)) ?? node.items?.[Number(key)];
      if (!child) break;
      ({ offset, node } = child);
    }
    return position(offset);
  };
}

/** Every key that stands in one mapping twice, and every one that is refused, in the text's order. */
export function doubledKeys(text: string, refused: (key: string) => boolean): TextProblem[] {
  const found: { offset: number; problem: TextProblem }[] = [];
  const position = positionsIn(text);
  const visit = ({ keys, items, wrong = [] }: YamlNode): void => {
    for (const { key, offset, first } of wrong) {
      const problem: TextProblem =
        first === undefined
          ? { code: "LF1003", what: `the key \`${key}\` is not taken`, fix: "give it another name" }
          : {
              code: "LF1008",
              what: `\`${key}\` is declared twice: keys must be unique`,
              why: `the first is at line ${position(first).line}`,
              fix: "rename one of them",
            };
      found.push({ offset, problem: { ...problem, ...position(offset) } });
    }
    for (const { node } of [...(keys?.values() ?? []), ...(items ?? [])]) visit(node);
  };
  const root = nodesOf(text, refused);
  if (root) visit(root);
  return found.sort((a, b) => a.offset - b.offset).map(({ problem }) => problem);
}

/** Gives the line and column of an offset, both from 1. */
export function positionsIn(text: string): (offset: number) => Position {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: Math.max(0, offset - (starts[low] as number)) + 1 };
  };
}

/** What the text holds, as a tree of places; the text has been read before, so its depth is bounded. */
function nodesOf(text: string, refused: (key: string) => boolean = () => false): YamlNode | undefined {
  const events = parseEvents(text, { maxDepth: 1000 });
  let at = 0;
  const read = (): YamlNode => {
    const event = events[at++] as Event;
    const node: YamlNode = { offset: offsetOf(event) };
    if (event.type === EVENT_ID.MAPPING) readMapping(node);
    else if (event.type === EVENT_ID.SEQUENCE) {
      node.items = [];
      while (events[at]?.type !== EVENT_ID.POP) {
        const item = read();
        node.items.push({ offset: item.offset, node: item });
      }
      at++;
    }
    return node;
  };
  const readMapping = (node: YamlNode) => {
    node.keys = new Map();
    while (events[at]?.type !== EVENT_ID.POP) {
      const event = events[at] as Event;
      const { offset } = read();
      const value = read();
      if (event.type !== EVENT_ID.SCALAR) continue;
      const key = keyOf(text, event);
      const first = node.keys.get(key)?.offset;
      if (first !== undefined || refused(key)) {
        node.wrong ??= [];
        node.wrong.push({ key, offset, first });
      }
      node.keys.set(key, { offset, node: value });
    }
    at++;
  };
  if (events[0]?.type !== EVENT_ID.DOCUMENT) return undefined;
  at = 1;
  return read();
}

function offsetOf(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart - (isQuoted(event) ? 1 : 0);
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  return "start" in event ? event.start : 0;
}

function isQuoted({ style }: ScalarEvent): boolean {
  return style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
}

/** The key as the reader has it: `1.0` and `1` are one key. */
function keyOf(text: string, event: ScalarEvent): string {
  const value = getScalarValue(text, event);
  if (event.style !== SCALAR_STYLE.PLAIN || event.tagStart >= 0) return value;
  const resolved = CORE_SCHEMA.resolveImplicitScalarTag(value).value;
  return resolved === null ? "" : String(resolved);
}
