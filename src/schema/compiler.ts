import { Ajv, type ErrorObject, type SchemaValidateFunction, type ValidateFunction } from "ajv";
import type { DataValidationCxt } from "ajv/dist/types/index.js";
import { formats } from "./formats.ts";
import type { Schema } from "./pack.ts";

/** Names the schema of a value, which is compiled only when a value first meets it. */
export const lazy = "x-landfall-lazy";

/** Checks a value; no errors when it is valid. */
export type Check = (value: unknown) => ErrorObject[];

/**
 * Compiles one family of schemas. `$ref`s are written as `{ [lazy]: name }`: a Deployment reaches some 120
 * definitions and an object uses a dozen of them, so compiling on first use is what keeps a cold start short.
 */
export function createCompiler(schemaOf: (name: string) => Schema): (name: string) => Check {
  const ajv = new Ajv({
    allErrors: true,
    // Messages name a field's siblings and the value that was found.
    verbose: true,
    messages: false,
    code: { optimize: false },
    strict: false,
    validateSchema: false,
    addUsedSchema: false,
    // Upstream patterns are Go's, which escapes characters that the `u` flag forbids escaping.
    unicodeRegExp: false,
    logger: false,
    formats,
  });
  const compiled = new Map<string, ValidateFunction>();
  const validator = (name: string): ValidateFunction => {
    const found = compiled.get(name) ?? ajv.compile(schemaOf(name));
    compiled.set(name, found);
    return found;
  };
  // Errors of nested schemas go here and not through ajv, which would overwrite their path and data.
  let nested: ErrorObject[] = [];
  ajv.addKeyword({
    keyword: lazy,
    schemaType: "string",
    compile: (name: string) => (data: unknown, context?: DataValidationCxt) => {
      const validate = validator(name);
      if (!validate(data, context)) nested.push(...(validate.errors ?? []));
      return true;
    },
  });
  ajv.addKeyword({
    keyword: "x-kubernetes-list-map-keys",
    type: "array",
    schemaType: "array",
    compile: (keys: string[], parent) => uniqueKeys(keys, defaultsOf(parent as Schema, schemaOf)),
  });
  ajv.addKeyword({
    keyword: "x-kubernetes-list-type",
    type: "array",
    schemaType: "string",
    compile: (type: string) => (type === "set" ? uniqueItems() : () => true),
  });
  return (name) => {
    const validate = validator(name);
    return (value) => {
      nested = [];
      const own = validate(value) ? [] : (validate.errors ?? []);
      return [...own, ...nested];
    };
  };
}

/** The API server refuses to apply a list of this type in which two items have equal keys. */
function uniqueKeys(keys: string[], defaults: Record<string, unknown>): SchemaValidateFunction {
  return unique((item) => {
    if (typeof item !== "object" || item === null) return undefined;
    return keys.map((key) => `${key}=${(item as Schema)[key] ?? defaults[key] ?? ""}`).join(", ");
  });
}

function uniqueItems(): SchemaValidateFunction {
  return unique((item) => (typeof item === "object" ? JSON.stringify(item) : String(item)));
}

function unique(identity: (item: unknown) => string | undefined): SchemaValidateFunction {
  const check: SchemaValidateFunction = (items: unknown[]) => {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      const id = identity(item);
      if (id !== undefined && seen.has(id)) {
        check.errors = [{ keyword: "duplicate", message: id, params: { index } }];
        return false;
      }
      if (id !== undefined) seen.add(id);
    }
    return true;
  };
  return check;
}

function defaultsOf(list: Schema, schemaOf: (name: string) => Schema): Record<string, unknown> {
  const items = (list.items ?? {}) as Schema;
  const named = items[lazy];
  const schema = typeof named === "string" ? schemaOf(named) : items;
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  return Object.fromEntries(properties.map(([name, property]) => [name, property.default]));
}
