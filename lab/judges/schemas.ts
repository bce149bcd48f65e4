/** The schema pack as files that kubeconform reads: `<group>/<kind>_<version>.json`, each with all that it refers to. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Crd, kubernetesSchemas, type Schema } from "../../src/schema/pack.ts";
import { definitions } from "./everything.ts";

/** What kubeconform's `-schema-location` is given, below the folder. */
export const location = "{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json";

/** Write the schemas of every kind. */
export function writeSchemas(folder: string): void {
  const { kinds, definitions: all } = kubernetesSchemas("1.36");
  for (const [kind, name] of Object.entries(kinds)) {
    const needed = closure(name, all);
    write(folder, kind, { $ref: `#/definitions/${name}`, definitions: needed });
  }
  for (const { spec } of definitions() as Crd[])
    for (const { name, schema } of spec.versions)
      write(folder, `${spec.group}/${name}/${spec.names.kind}`, closed(schema?.openAPIV3Schema ?? {}, true));
}

function write(folder: string, kind: string, schema: Schema): void {
  const parts = kind.split("/");
  const [group, version, name] = parts.length === 2 ? ["v1", "v1", parts[1]] : parts;
  const path = join(folder, `${group}/${name?.toLowerCase()}_${version}.json`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(schema));
}

/** A definition and all that it reaches. */
function closure(name: string, all: Record<string, Schema>): Record<string, Schema> {
  const needed: Record<string, Schema> = {};
  const visit = (one: string) => {
    if (needed[one]) return;
    const schema = all[one] as Schema;
    needed[one] = schema;
    for (const [, next = ""] of JSON.stringify(schema).matchAll(/"#\/definitions\/([^"]+)"/g)) visit(next);
  };
  visit(name);
  return needed;
}

/** A structural schema as its API server reads it: what it does not name is an error. The root has what all objects have. */
function closed(schema: unknown, isRoot = false): Schema {
  if (typeof schema !== "object" || schema === null) return schema as never;
  if (Array.isArray(schema)) return schema.map((item) => closed(item)) as never;
  const { default: _, ...own } = schema as Schema;
  if (own["x-kubernetes-int-or-string"]) return { type: ["integer", "string"] };
  const made = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, closed(value)])) as Schema;
  const isOpen =
    own["x-kubernetes-preserve-unknown-fields"] === true || own.additionalProperties !== undefined;
  const isObject = own.type === "object" && own.properties !== undefined;
  if (isObject && !isOpen) made.additionalProperties = false;
  if (isRoot) made.properties = { ...(made.properties as object), metadata: { type: "object" } };
  return made;
}
