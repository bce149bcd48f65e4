import { lazy } from "./compiler.ts";
import type { Schema } from "./pack.ts";

/** Schemas of a CRD's version by name; the object itself is `root`. */
export type Units = Map<string, Schema>;

/** Below this a schema is compiled with its parent: a unit of its own costs more than it saves. */
const unitSize = 400;

const combinators = ["allOf", "anyOf", "oneOf"];

/**
 * A CRD's structural schema as strict JSON Schema. As in the API server: fields that are not specified are
 * errors (it would prune them), except under `x-kubernetes-preserve-unknown-fields`; defaults count as given.
 * CEL rules (`x-kubernetes-validations`) are not evaluated here; a dry run on a cluster does that.
 */
export function structuralUnits(
  root: Schema,
  identity: { apiVersion: string; kind: string; openStatus: boolean },
): Units {
  const units: Units = new Map();
  const schema = convert(root, units, "root");
  const properties = { ...(schema.properties as Schema | undefined) };
  if (identity.openStatus && properties.status) properties.status = { type: "object" };
  properties.apiVersion = { const: identity.apiVersion };
  properties.kind = { const: identity.kind };
  properties.metadata = { [lazy]: "metadata" };
  const required = ((schema.required ?? []) as string[]).filter((name) => name !== "status");
  units.set("root", { ...schema, properties, required });
  return units;
}

function convert(schema: Schema, units: Units, path: string): Schema {
  const strict: Schema = { ...schema };
  delete strict["x-kubernetes-validations"];
  if (schema["x-kubernetes-int-or-string"] === true) return { ...intOrString(strict) };
  for (const key of combinators) {
    const branches = schema[key];
    if (Array.isArray(branches)) strict[key] = branches.map((branch: Schema) => withDefaults(branch, schema));
  }
  if (schema.properties) strict.properties = convertProperties(schema, units, path);
  if (schema["x-kubernetes-embedded-resource"] === true) strict.properties = embedded(strict);
  if (isSchema(schema.items)) strict.items = unit(schema.items, units, `${path}[]`);
  if (isSchema(schema.additionalProperties)) {
    strict.additionalProperties = unit(schema.additionalProperties, units, `${path}{}`);
  } else if (schema.type === "object" && schema["x-kubernetes-preserve-unknown-fields"] !== true) {
    strict.additionalProperties ??= false;
  }
  if (Array.isArray(schema.required)) strict.required = schema.required.filter((n) => !hasDefault(schema, n));
  return nullable(exclusive(pattern(strict)));
}

function convertProperties(schema: Schema, units: Units, path: string): Schema {
  const properties = Object.entries(schema.properties as Record<string, Schema>);
  return Object.fromEntries(properties.map(([name, child]) => [name, unit(child, units, `${path}.${name}`)]));
}

/**
 * An alternative that sees the defaults of the object around it: a field with a default is never missing, and
 * where the default does not fit the alternative, the field must be given another value.
 */
function withDefaults(branch: Schema, parent: Schema): Schema {
  const required = new Set((branch.required ?? []) as string[]);
  for (const [name, property] of Object.entries((parent.properties ?? {}) as Record<string, Schema>)) {
    if (property.default === undefined) continue;
    const wanted = (branch.properties as Record<string, Schema> | undefined)?.[name];
    if (wanted && !admits(wanted, property.default)) required.add(name);
    else required.delete(name);
  }
  return { ...branch, required: [...required] };
}

/** Whether a plain value fits the kinds of condition that alternatives are told apart by. */
function admits(schema: Schema, value: unknown): boolean {
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return false;
  return !isSchema(schema.not) || !admits(schema.not, value);
}

/** Large objects become units of their own, compiled when first met. */
function unit(schema: Schema, units: Units, path: string): Schema {
  const strict = convert(schema, units, path);
  if (strict.type !== "object" || JSON.stringify(strict).length < unitSize) return strict;
  units.set(path, strict);
  return { [lazy]: path, ...(strict.default === undefined ? {} : { default: strict.default }) };
}

function intOrString(schema: Schema): Schema {
  // Such fields carry `anyOf: [integer, string]` beside the mark, which the union type says better.
  for (const key of combinators) delete schema[key];
  return nullable({ ...pattern(schema), type: ["integer", "string"] });
}

function embedded(schema: Schema): Schema {
  const own = schema.properties as Schema | undefined;
  return {
    apiVersion: { type: "string" },
    kind: { type: "string" },
    ...own,
    metadata: { [lazy]: "metadata" },
  };
}

function nullable(schema: Schema): Schema {
  if (schema.nullable !== true) return schema;
  const { nullable: _, ...rest } = schema;
  if (Array.isArray(rest.enum)) rest.enum = [...rest.enum, null];
  return rest.type === undefined ? rest : { ...rest, type: [rest.type, "null"].flat() };
}

/** OpenAPI 3.0's boolean `exclusiveMinimum` beside `minimum` is one number in JSON Schema. */
function exclusive(schema: Schema): Schema {
  for (const [limit, exclusiveLimit] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    if (typeof schema[exclusiveLimit] !== "boolean") continue;
    if (schema[exclusiveLimit]) {
      schema[exclusiveLimit] = schema[limit];
      delete schema[limit];
    } else delete schema[exclusiveLimit];
  }
  return schema;
}

/** A pattern that only Go's engine reads is left to the cluster. */
function pattern(schema: Schema): Schema {
  if (typeof schema.pattern !== "string") return schema;
  try {
    new RegExp(schema.pattern);
  } catch {
    delete schema.pattern;
  }
  return schema;
}

function hasDefault(schema: Schema, name: string): boolean {
  const property = (schema.properties as Record<string, Schema> | undefined)?.[name];
  return property?.default !== undefined;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null;
}
