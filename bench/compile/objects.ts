/** What a tool wrote, as objects that can be compared; and the proof that two tools wrote the same. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { withoutDigest } from "../../src/kit/testing/without-digest.ts";
import type { KubernetesObject } from "../../src/schema/object.ts";
import { canonicalJson } from "../../src/util/hash.ts";
import { kinds } from "./work.ts";

interface Written {
  apiVersion?: string;
  kind?: string;
  metadata?: { name?: string; namespace?: string };
  items?: Written[];
}

/** The work's objects below a folder: `kind name` → canonical JSON without the digest of its pods; the order of keys counts nowhere. */
export function objectsIn(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const found = new Map<string, string>();
  for (const file of files.filter((name) => /\.(ya?ml|json)$/.test(name)).sort()) {
    const documents = loadAll(readFileSync(join(folder, file), "utf8")) as (Written | null)[];
    for (const object of documents.flatMap((document) => document?.items ?? [document])) {
      if (!object || !isWork(object)) continue;
      const id = `${object.kind} ${object.metadata?.name}`;
      if (found.has(id)) throw new Error(`${id} stands twice in ${folder}`);
      found.set(id, canonicalJson(withoutDigest(object as KubernetesObject)));
    }
  }
  return found;
}

/** Of an app's five kinds; the platform's own namespaces are not of the work. */
function isWork({ kind, metadata }: Written): boolean {
  return kinds.includes(kind ?? "") && metadata?.namespace === "shop";
}

/** The first differences between two sets of objects, as lines to read; none when they are equal. */
export function differences(expected: Map<string, string>, actual: Map<string, string>): string[] {
  const ids = [...new Set([...expected.keys(), ...actual.keys()])].sort();
  return ids
    .filter((id) => expected.get(id) !== actual.get(id))
    .slice(0, 3)
    .map((id) => `${id}\n  wanted ${expected.get(id)}\n  got    ${actual.get(id)}`);
}
