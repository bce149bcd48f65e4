import { isMap, isScalar } from "yaml";
import { checkName } from "./names.ts";
import { damaged, parseSource } from "./yaml-text.ts";

/**
 * The same Secret in a namespace. Only that word of the text changes, so ciphertext and MAC stay as they are
 * (the MAC covers encrypted values alone). `file` is for messages.
 */
export function withNamespace(text: string, namespace: string, file = "the secret"): string {
  return withMetadata(text, "namespace", namespace, file);
}

/** The same Secret under another name, changed as by `withNamespace`. */
export function withName(text: string, name: string, file = "the secret"): string {
  return withMetadata(text, "name", name, file);
}

function withMetadata(text: string, key: "name" | "namespace", word: string, file: string): string {
  checkName(word);
  const source = parseSource(text, file);
  const metadata = source.document.get("metadata");
  const first = isMap(metadata) ? metadata.items[0]?.key : undefined;
  if (!isMap(metadata) || !isScalar(first) || !first.range) throw damaged(source, "has no metadata", 0);
  // Quoted: a word such as `123` or `on` would be read as another type.
  const value = JSON.stringify(word);
  const old = metadata.get(key, true);
  if (isScalar(old) && old.range && old.value !== null) {
    return text.slice(0, old.range[0]) + value + text.slice(old.range[1]);
  }
  if (old !== undefined) throw damaged(source, `has a malformed ${key}`, ["metadata", key]);
  const at = first.range[0];
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const separator = metadata.flow ? ", " : `\n${" ".repeat(at - lineStart)}`;
  return `${text.slice(0, at)}${key}: ${value}${separator}${text.slice(at)}`;
}
