import { isAlias, isCollection, isMap, isScalar, parseDocument, type Scalar, type YAMLMap } from "yaml";
import { toYaml } from "../../util/yaml.ts";
import type { FindLiteral } from "./literal.ts";

/** Finds values in a YAML file by their key path from its top. */
export function yamlLiterals(text: string): FindLiteral {
  const { contents } = parseDocument(text);
  return (path, value) => {
    let node: unknown = contents;
    for (const key of path) {
      const refused = whyNot(node, key);
      if (refused) return { refused };
      node = (node as YAMLMap).get(key, true);
    }
    const refused = whyNoLiteral(node);
    if (refused) return { refused };
    const [start, end] = (node as Scalar).range as [number, number, number];
    return { start, end, text: toYaml(value).trimEnd() };
  };
}

/** Why the value at a key cannot be told to be this app's alone. */
function whyNot(node: unknown, key: string): string | undefined {
  if (isAlias(node)) return "it stands behind an alias, which others may share";
  if (isCollection(node) && node.anchor) return "it stands under an anchor, which others may share";
  return isMap(node) && node.has(key) ? undefined : "it is not written there";
}

function whyNoLiteral(node: unknown): string | undefined {
  if (isAlias(node)) return "it is an alias";
  if (!isScalar(node) || !node.range) return "it is no single value";
  if (node.anchor || node.tag) return "it has an anchor or a tag";
  const isBlock = node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";
  return isBlock ? "it is written over several lines" : undefined;
}
