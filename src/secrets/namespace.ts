import { isMap, isScalar } from "yaml";
import { checkName } from "./names.ts";
import { damaged, parseSource } from "./yaml-text.ts";

/**
 * The same Secret in a namespace. Only that word of the text changes, so ciphertext and MAC stay as they are
 * (the MAC covers encrypted values alone). `file` is for messages.
 */
export function withNamespace(text: string, namespace: string, file = "the secret"): string {
  checkName(namespace);
  const source = parseSource(text, file);
  const metadata = source.document.get("metadata");
  const first = isMap(metadata) ? metadata.items[0]?.key : undefined;
  if (!isMap(metadata) || !isScalar(first) || !first.range) throw damaged(source, "has no metadata", 0);
  // Quoted: a namespace such as `123` or `on` would be read as another type.
  const value = JSON.stringify(namespace);
  const old = metadata.get("namespace", true);
  if (isScalar(old) && old.range && old.value !== null) {
    return text.slice(0, old.range[0]) + value + text.slice(old.range[1]);
  }
  if (old !== undefined) throw damaged(source, "has a malformed namespace", ["metadata", "namespace"]);
  const at = first.range[0];
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const separator = metadata.flow ? ", " : `\n${" ".repeat(at - lineStart)}`;
  return `${text.slice(0, at)}namespace: ${value}${separator}${text.slice(at)}`;
}
