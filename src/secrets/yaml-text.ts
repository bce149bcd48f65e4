import {
  Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  Scalar,
  visit,
  type Node as YamlNode,
} from "yaml";
import { failure, type LandfallError } from "../util/errors.ts";
import type { Node, Tree } from "./tree.ts";
import { isEncryptedValue } from "./value.ts";

/** A file's YAML with what is needed to name lines in it. */
export interface SourceText {
  text: string;
  file: string;
  document: Document;
  lines: LineCounter;
}

/** Texts that every YAML reader takes as text when they stand without quotes. */
const plain = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z_][a-z0-9_./-]*$/i;

/** Parse one YAML document. Throws LF7003 with the line; the message never quotes the file, it may hold a value. */
export function parseSource(text: string, file: string): SourceText {
  const lines = new LineCounter();
  // Pretty errors quote the source.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, intAsBigInt: true });
  const source: SourceText = { text, file, document: document as Document, lines };
  const error = document.errors[0];
  if (error) throw damaged(source, `is not valid YAML (${error.code})`, error.pos[0]);
  if (!isMap(document.contents)) throw damaged(source, "is not a YAML mapping", 0);
  return source;
}

/** The LF7003 problem for a place in a file, given by an offset into its text or the path of a key. */
export function damaged(source: SourceText, what: string, at?: number | string[]): LandfallError {
  const path = Array.isArray(at) ? at : undefined;
  const offset = typeof at === "number" ? at : path && offsetOf(source.document, path);
  return failure("LF7003", {
    what: `${source.file} ${what}`,
    fix: "take the file back from Git, or delete it and set it anew with `landfall secret set`",
    where: {
      file: source.file,
      ...(offset !== undefined && { line: source.lines.linePos(offset).line }),
      ...(path && path.length > 0 && { path: path.join(".") }),
    },
  });
}

/** Where the value of a path begins; of the deepest part of the path that is there. */
function offsetOf(document: Document, path: string[]): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as
      | { range?: [number, number, number] }
      | undefined;
    if (node?.range) return node.range[0];
  }
  return undefined;
}

/** The document's content in the order of the file. */
export function sourceTree(source: SourceText): Tree {
  // An alias could repeat a value a billion times; SOPS files have no use for one.
  visit(source.document, {
    Alias: (_key, node) => {
      if (isAlias(node)) throw damaged(source, "uses a YAML alias", node.range?.[0]);
    },
    Pair: (_key, { key }) => {
      if (!isScalar(key) || typeof key.value === "object")
        throw damaged(source, "has a key that is not a text");
    },
  });
  return stringKeys(source.document.toJS({ mapAsMap: true })) as Tree;
}

function stringKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stringKeys);
  if (!(value instanceof Map)) return typeof value === "bigint" ? smallInteger(value) : value;
  return new Map([...value].map(([key, item]) => [String(key), stringKeys(item)]));
}

function smallInteger(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** A tree as YAML text: two spaces, no folded lines, quotes wherever a YAML 1.1 reader would see another type. */
export function treeText(tree: Tree): string {
  const document = new Document(tree);
  styleTexts(document);
  return documentText(document);
}

/** The file's text with the value of one path replaced; comments and all other values stay. */
export function replacedText(source: SourceText, path: string[], value: Node): string {
  const node = source.document.createNode(value);
  styleTexts(node);
  source.document.setIn(path, node);
  return documentText(source.document);
}

function documentText(document: Document): string {
  return document.toString({ lineWidth: 0, indent: 2 });
}

function styleTexts(root: Document | YamlNode): void {
  visit(root, {
    Scalar: (_key, node) => {
      if (typeof node.value !== "string") return;
      if (/^-----BEGIN/.test(node.value)) node.type = Scalar.BLOCK_LITERAL;
      else if (plain.test(node.value) || isEncryptedValue(node.value)) node.type = Scalar.PLAIN;
      else node.type = Scalar.QUOTE_DOUBLE;
    },
  });
}
