import { failure } from "../util/errors.ts";
import { documentEnvelope } from "./sops.ts";
import type { Node, Tree } from "./tree.ts";
import { isEncryptedValue } from "./value.ts";
import { damaged, parseSource, type SourceText, sourceTree } from "./yaml-text.ts";

export const annotations = {
  rotatedAt: "landfall.dev/rotated-at",
  rotate: "landfall.dev/rotate",
  generated: "landfall.dev/generated",
} as const;

/** What a Secret manifest tells without any identity. */
export interface SecretManifest {
  /** Keys of `data` and `stringData`, sorted. */
  keys: string[];
  /** RFC 3339, when a value was last set. */
  rotatedAt?: string;
  /** Days, hours or weeks a value may live, e.g. `90d`. */
  rotate?: string;
  /** Keys whose values landfall made, with their lengths. */
  generated: Record<string, number>;
  recipients: string[];
  /** Everything but the values: apiVersion, kind, metadata, type. */
  clear: Tree;
}

/**
 * Read an encrypted Secret manifest and check that it can go to the fleet as it is: the right name, every value
 * encrypted, a MAC that does not cover the metadata. Throws LF7003 with the line.
 */
export function readManifest(text: string, file: string, name: string): SecretManifest {
  const source = parseSource(text, file);
  const tree = sourceTree(source);
  const metadata = tree.get("metadata");
  if (tree.get("apiVersion") !== "v1" || tree.get("kind") !== "Secret" || !(metadata instanceof Map))
    throw damaged(source, "is not a Kubernetes Secret manifest", ["kind"]);
  if (metadata.get("name") !== name)
    throw damaged(source, `is not the secret ${name}: its metadata.name differs`, ["metadata", "name"]);
  const keys = secretKeys(source, tree);
  const envelope = documentEnvelope(source);
  if (!envelope.rules.macOnlyEncrypted)
    throw damaged(source, "is encrypted without mac_only_encrypted, so its namespace cannot be set", [
      "sops",
    ]);
  for (const section of ["data", "stringData", "sops"]) tree.delete(section);
  return { keys, ...readNotes(source, metadata), recipients: envelope.recipients, clear: tree };
}

function secretKeys(source: SourceText, tree: Tree): string[] {
  const keys = new Set<string>();
  for (const section of ["data", "stringData"]) {
    for (const [key, value] of mapOf(tree.get(section))) {
      if (typeof value !== "string" || (value !== "" && !isEncryptedValue(value)))
        throw damaged(source, "holds a value that is not encrypted", [section, key]);
      keys.add(key);
    }
  }
  if (keys.size === 0) throw damaged(source, "holds no value", 0);
  return [...keys].sort();
}

type Notes = Pick<SecretManifest, "rotatedAt" | "rotate" | "generated">;

function readNotes(source: SourceText, metadata: Tree): Notes {
  const notes = mapOf(metadata.get("annotations"));
  const rotatedAt = notes.get(annotations.rotatedAt);
  const rotate = notes.get(annotations.rotate);
  if (rotatedAt !== undefined && Number.isNaN(Date.parse(String(rotatedAt))))
    throw damaged(source, "has a malformed time", ["metadata", "annotations", annotations.rotatedAt]);
  if (rotate !== undefined && lifetime(String(rotate)) === undefined)
    throw damaged(source, "has a malformed duration", ["metadata", "annotations", annotations.rotate]);
  return {
    ...(rotatedAt !== undefined && { rotatedAt: String(rotatedAt) }),
    ...(rotate !== undefined && { rotate: String(rotate) }),
    generated: parseGenerated(notes.get(annotations.generated)),
  };
}

/** A node as a map; empty when it is anything else. */
export function mapOf(node: Node | undefined): Tree {
  return node instanceof Map ? node : new Map();
}

const units = { h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** Milliseconds of `12h`, `90d` or `6w`; undefined for anything else. */
export function lifetime(text: string): number | undefined {
  const match = /^([1-9]\d{0,4})([hdw])$/.exec(text);
  return match ? Number(match[1]) * units[match[2] as keyof typeof units] : undefined;
}

/** A time as RFC 3339 in whole seconds. */
export function stamp(time: Date): string {
  return time.toISOString().replace(/\.\d+/, "");
}

/** The same text when it is a duration, or LF1003. */
export function checkLifetime(text: string): string {
  if (lifetime(text) !== undefined) return text;
  throw failure("LF1003", {
    what: `${JSON.stringify(text)} is not a duration`,
    fix: "write it like 12h, 90d or 6w",
  });
}

/** `{ value: 32 }` as the annotation's text `value=32`. */
export function formatGenerated(generated: Record<string, number>): string {
  return Object.entries(generated)
    .map(([key, length]) => `${key}=${length}`)
    .join(",");
}

function parseGenerated(text: Node | undefined): Record<string, number> {
  const pairs = typeof text === "string" ? [...text.matchAll(/([-._a-zA-Z0-9]+)=(\d+)/g)] : [];
  return Object.fromEntries(pairs.map((pair) => [pair[1] ?? "", Number(pair[2])]));
}
