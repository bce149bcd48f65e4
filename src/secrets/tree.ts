import { createHash } from "node:crypto";
import { type Leaf, valueText } from "./value.ts";

/** A document in memory. Maps, because objects reorder keys that look like numbers and the MAC needs the order. */
export type Tree = Map<string, Node>;
export type Node = Leaf | null | Node[] | Tree;

/** Which keys of a document are encrypted, and what the MAC covers: the settings in its `sops` section. */
export interface Rules {
  encryptedRegex?: string;
  unencryptedRegex?: string;
  encryptedSuffix?: string;
  unencryptedSuffix?: string;
  macOnlyEncrypted: boolean;
}

/** What landfall writes: only the values of a Secret are encrypted and covered, its metadata stays editable. */
export const secretRules: Rules = { encryptedRegex: "^(data|stringData)$", macOnlyEncrypted: true };

// SOPS starts a MAC over encrypted values alone with SHA-256("sops"), so that it never equals a MAC over all.
const macStart = createHash("sha256").update("sops").digest();

/** Whether the value at a path is encrypted: one matching key on the way decides for all below it. */
export function isSecretPath(rules: Rules, path: string[]): boolean {
  const some = (test: (key: string) => boolean) => path.some(test);
  const { encryptedRegex, unencryptedRegex, encryptedSuffix, unencryptedSuffix } = rules;
  if (encryptedRegex) return some((key) => new RegExp(encryptedRegex).test(key));
  if (unencryptedRegex) return !some((key) => new RegExp(unencryptedRegex).test(key));
  if (encryptedSuffix) return some((key) => key.endsWith(encryptedSuffix));
  return !some((key) => key.endsWith(unencryptedSuffix ?? "_unencrypted"));
}

/** Called for every value that is to be encrypted or decrypted; items of a list have the path of the list. */
export type Change = (value: Leaf, context: string, path: string[]) => Leaf;

/**
 * Change every value that the rules encrypt. `clear` says on which side of the change the clear values are;
 * the MAC (SHA-512, hex, upper case) is over those.
 */
export function changeTree(
  tree: Tree,
  rules: Rules,
  clear: "before" | "after",
  change: Change,
): { tree: Tree; mac: string } {
  const hash = createHash("sha512");
  if (rules.macOnlyEncrypted) hash.update(macStart);
  const leaf = (value: Leaf, path: string[]): Leaf => {
    const secret = isSecretPath(rules, path);
    const changed = secret ? change(value, `${path.join(":")}:`, path) : value;
    if (secret || !rules.macOnlyEncrypted) hash.update(valueText(clear === "before" ? value : changed));
    return changed;
  };
  const node = (value: Node, path: string[]): Node => {
    if (value === null) return null;
    if (value instanceof Map) return branch(value, path);
    return Array.isArray(value) ? value.map((item) => node(item, path)) : leaf(value, path);
  };
  const branch = (map: Tree, path: string[]): Tree =>
    new Map([...map].map(([key, value]) => [key, node(value, [...path, key])]));
  const changed = branch(tree, []);
  return { tree: changed, mac: hash.digest("hex").toUpperCase() };
}

/** Plain data as a tree. Throws TypeError for what YAML secrets cannot hold (dates, functions, undefined). */
export function toTree(data: object): Tree {
  const node = (value: unknown): Node => {
    if (value === null || ["string", "number", "bigint", "boolean"].includes(typeof value))
      return value as Leaf;
    if (Array.isArray(value)) return value.map(node);
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [String(key), node(item)]));
    const proto: unknown = typeof value === "object" && Object.getPrototypeOf(value);
    if (proto !== Object.prototype) throw new TypeError("only plain data can be encrypted");
    return new Map(Object.entries(value as object).map(([key, item]) => [key, node(item)]));
  };
  return node(data) as Tree;
}

/** A tree as plain objects. `fromEntries` defines own keys, so a key named `__proto__` is harmless. */
export function toData(tree: Tree): Record<string, unknown> {
  const node = (value: Node): unknown => {
    if (value instanceof Map) return toData(value);
    return Array.isArray(value) ? value.map(node) : value;
  };
  return Object.fromEntries([...tree].map(([key, value]) => [key, node(value)]));
}
