import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from "yaml";
import { failure, LandfallError, messageOf, type Place, problem } from "../util/errors.ts";
import type { Declaration } from "./declaration.ts";
import { shown, withPath } from "./shown.ts";

/** Read a declaration in YAML. */
export function loadYaml(file: string): Declaration {
  const counter = new LineCounter();
  const document = parseDocument(readFileSync(file, "utf8"), { lineCounter: counter, prettyErrors: false });
  const at = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { file: shown(file), line, column: col };
  };
  if (document.errors.length > 0) {
    throw new LandfallError(
      document.errors.map((error) =>
        problem(error.code === "DUPLICATE_KEY" ? "LF1008" : "LF1001", {
          what: error.message.split("\n")[0] ?? error.message,
          fix: error.code === "DUPLICATE_KEY" ? "rename one of them" : "correct the YAML",
          where: at(error.pos[0]),
        }),
      ),
    );
  }
  const tree = plainTree(document, file);
  if (tree === null || typeof tree !== "object" || Array.isArray(tree)) {
    throw failure("LF1001", {
      what: "the declaration is not a mapping",
      fix: "start with `company: name`",
      where: { file: shown(file) },
    });
  }
  const place = (path: readonly (string | number)[]): Place => {
    const offset = offsetOf(document.contents, path);
    return withPath(offset === undefined ? { file } : { ...at(offset), file }, path);
  };
  return {
    file,
    dir: dirname(file),
    tree: tree as Record<string, unknown>,
    data: [],
    place,
    placeInData: (data) => ({ file: data.file }),
    problems: [],
  };
}

function plainTree(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw failure("LF1001", {
      what: messageOf(error),
      fix: "correct the YAML's anchors and aliases",
      where: { file: shown(file) },
    });
  }
}

/** The offset of the deepest key of the path that exists. */
function offsetOf(root: unknown, path: readonly (string | number)[]): number | undefined {
  let node = root;
  let offset = (root as Node | null)?.range?.[0];
  for (const key of path) {
    if (isMap(node)) {
      const pair = (node.items as Pair[]).find(
        ({ key: k }) => isScalar(k) && String(k.value) === String(key),
      );
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}
