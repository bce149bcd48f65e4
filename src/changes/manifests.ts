import { CORE_SCHEMA, loadAll } from "js-yaml";
import type { KubernetesObject } from "../schema/object.ts";

/** The Kubernetes objects in a file's text: all documents of YAML or JSON, the items of a List one by one. */
export function objectsIn(text: string): KubernetesObject[] {
  return loadAll(text, { schema: CORE_SCHEMA }).flatMap((value) => {
    if (!isObject(value)) return [];
    if (value.kind === "List" && Array.isArray(value.items)) return value.items.filter(isObject);
    return [value];
  });
}

function isObject(value: unknown): value is KubernetesObject {
  if (value === null || typeof value !== "object") return false;
  const { kind, apiVersion } = value as Record<string, unknown>;
  return typeof kind === "string" && typeof apiVersion === "string";
}
