import type { KubernetesObject } from "../schema/object.ts";
import { failure } from "../util/errors.ts";
import { readYaml } from "./read-yaml.ts";
import { branch, branches, type Source, text } from "./source.ts";

/** What one file holds: objects, and documents that are none, with the reason. */
export interface ReadObjects {
  sources: Source[];
  skipped: { from: string; why: string }[];
}

/** Read a manifest: every document, and every item of a list. Errors: LF1023. */
export function readObjects(content: string, file: string): ReadObjects {
  const result: ReadObjects = { sources: [], skipped: [] };
  for (const { value, line } of readYaml(content, file)) {
    const from = `${file}:${line}`;
    if (value === null || value === undefined) continue;
    const found = objectsIn(value, from);
    if (found) result.sources.push(...found);
    else result.skipped.push({ from, why: "it is no Kubernetes object: it has no apiVersion and kind" });
  }
  return result;
}

/** The objects of a document; undefined where it is none. */
function objectsIn(value: unknown, from: string): Source[] | undefined {
  const { apiVersion, kind, items, metadata } = branch(value);
  if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined;
  if (kind.endsWith("List") && Array.isArray(items))
    return branches(items).flatMap((item) => itemsIn(item, kind, apiVersion, from));
  const name = text(branch(metadata).name);
  if (!name) {
    throw failure("LF1023", {
      what: `${kind} at ${from} has no name`,
      why: branch(metadata).generateName
        ? "a generated name differs on each apply"
        : "metadata.name is missing",
      fix: "give it a name, or leave it out of the import",
    });
  }
  const hook = text(branch(branch(metadata).annotations)["helm.sh/hook"]);
  return [{ object: value as KubernetesObject, from, ...(hook && { hook }) }];
}

/** Items of a typed list (`ConfigMapList`) may leave out what the list says. */
function itemsIn(item: Record<string, unknown>, kind: string, apiVersion: string, from: string): Source[] {
  const typed = kind === "List" ? item : { apiVersion, kind: kind.replace(/List$/, ""), ...item };
  const found = objectsIn(typed, from);
  if (found) return found;
  throw failure("LF1023", {
    what: `an item of the ${kind} at ${from} is no Kubernetes object`,
    fix: "correct the list",
  });
}
