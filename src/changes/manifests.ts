import { CORE_SCHEMA, loadAll } from "js-yaml";
import type { KubernetesObject } from "../schema/object.ts";
import type { FleetTree } from "./fleet-tree.ts";
import type { Objects } from "./types.ts";

/** The Kubernetes objects in a file's text: all documents of YAML or JSON, the items of a List one by one. */
export function objectsIn(text: string): KubernetesObject[] {
  return loadAll(text, { schema: CORE_SCHEMA }).flatMap((value) => {
    if (!isObject(value)) return [];
    if (value.kind === "List" && Array.isArray(value.items)) return value.items.filter(isObject);
    return [value];
  });
}

/** A file of a fleet's tree. */
export type FleetFile = readonly [path: string, digest: string];

/** Read files and parse them as they are asked for; equal content is read and parsed once. */
export async function parsedFiles(
  tree: Pick<FleetTree, "read">,
  files: readonly FleetFile[],
): Promise<(file: FleetFile) => Objects> {
  const paths = new Map(files.map(([path, digest]) => [digest, path]));
  const texts = await tree.read([...paths.values()]);
  const parsed = new Map<string, Objects>();
  return ([, digest]) => {
    const objects = parsed.get(digest) ?? objectsIn(texts.get(paths.get(digest) ?? "") ?? "");
    parsed.set(digest, objects);
    return objects;
  };
}

function isObject(value: unknown): value is KubernetesObject {
  if (value === null || typeof value !== "object") return false;
  const { kind, apiVersion } = value as Record<string, unknown>;
  return typeof kind === "string" && typeof apiVersion === "string";
}
