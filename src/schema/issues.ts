/** Turns ajv's errors into what a person needs: one issue for each wrong field, with its path and a hint. */
import type { ErrorObject } from "ajv";
import { didYouMean } from "../util/did-you-mean.ts";
import type { Schema } from "./pack.ts";
import { appendPath, pointerPath } from "./path.ts";

/** One thing wrong with an object. `keyword` names the broken rule (`type`, `required`, `unknown-field` …). */
export interface SchemaIssue {
  /** Like `spec.template.spec.containers[0].image`; empty for the object itself. */
  path: string;
  message: string;
  keyword: string;
}

/** Issues of ajv's errors, in the order of the fields, each wrong field once. */
export function issuesOf(object: unknown, errors: ErrorObject[], nullIsAbsent: boolean): SchemaIssue[] {
  const relevant = errors.filter((error) => !inBranch(error) && !(nullIsAbsent && error.data === null));
  const mistyped = new Set(relevant.filter((e) => e.keyword === "type").map((e) => e.instancePath));
  const issues = new Map<string, SchemaIssue>();
  for (const error of relevant) {
    if (error.keyword !== "type" && mistyped.has(error.instancePath)) continue;
    const issue = issueOf(object, error);
    issues.set(`${issue.path} ${issue.message}`, issue);
  }
  return [...issues.values()];
}

/** Errors inside an alternative say only why that one did not match; the alternative's own error stays. */
function inBranch({ schemaPath }: ErrorObject): boolean {
  return /\/(?:anyOf|oneOf)\/\d+\//.test(schemaPath);
}

type Describe = (error: ErrorObject) => string;

const describe: Record<string, Describe> = {
  type: ({ schema, parentSchema, data }) =>
    `must be ${typeName(parentSchema as Schema, schema)}, is ${shown(data)}`,
  enum: ({ schema, data }) =>
    `must be one of ${(schema as unknown[]).map(quoted).join(", ")}${near(data, schema)}`,
  const: ({ schema, data }) => `must be ${quoted(schema)}, is ${shown(data)}`,
  pattern: ({ schema, parentSchema, data }) =>
    (parentSchema as Schema).format === "quantity"
      ? `must be a quantity like 500m or 128Mi, is ${shown(data)}`
      : `must match ${schema}, is ${shown(data)}`,
  format: ({ schema, data }) => `must be a valid ${schema}, is ${shown(data)}`,
  oneOf: ({ schema }) => `must match exactly one alternative${alternatives(schema)}`,
  anyOf: ({ schema }) => `must match at least one alternative${alternatives(schema)}`,
  not: ({ schema }) => `must not be so${alternatives([schema])}`,
  minLength: ({ schema }) => (schema === 1 ? "must not be empty" : `must have at least ${schema} characters`),
  maxLength: ({ schema }) => `must have at most ${schema} characters`,
  minItems: ({ schema }) => `must have at least ${count(schema, "item")}`,
  maxItems: ({ schema }) => `must have at most ${count(schema, "item")}`,
  minProperties: ({ schema }) => `must have at least ${count(schema, "entry", "entries")}`,
  maxProperties: ({ schema }) => `must have at most ${count(schema, "entry", "entries")}`,
  minimum: ({ schema, data }) => `must be at least ${schema}, is ${data}`,
  maximum: ({ schema, data }) => `must be at most ${schema}, is ${data}`,
};

function issueOf(object: unknown, error: ErrorObject): SchemaIssue {
  const { keyword, params, parentSchema, message } = error;
  const path = pointerPath(object, error.instancePath);
  if (keyword === "required") {
    return { path: appendPath(path, params.missingProperty), message: "required field is missing", keyword };
  }
  if (keyword === "additionalProperties") {
    const field = params.additionalProperty as string;
    const known = Object.keys(((parentSchema as Schema).properties ?? {}) as Schema);
    const hint = didYouMean(field, known);
    const text = hint ? `unknown field; did you mean \`${hint}\`?` : "unknown field";
    return { path: appendPath(path, field), message: text, keyword: "unknown-field" };
  }
  if (keyword === "duplicate") {
    return {
      path: `${path}[${params.index}]`,
      message: `an earlier item has the same key (${message})`,
      keyword,
    };
  }
  return { path, message: describe[keyword]?.(error) ?? message ?? keyword, keyword };
}

function typeName(parent: Schema, type: unknown): string {
  if (parent.format === "quantity") return "a quantity like 500m or 128Mi";
  const article = (name: string) =>
    /^[aio]/.test(name) ? `an ${name}` : name === "null" ? name : `a ${name}`;
  return [type].flat().map(String).map(article).join(" or ");
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  const text = JSON.stringify(value);
  const short = text.length > 60 ? `${text.slice(0, 57)}…"` : text;
  return typeof value === "string" ? `the string ${short}` : `the ${typeof value} ${short}`;
}

function quoted(value: unknown): string {
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}

function near(value: unknown, choices: unknown): string {
  const words = (choices as unknown[]).filter((choice) => typeof choice === "string" && choice !== "");
  const hint = typeof value === "string" ? didYouMean(value, words as string[]) : undefined;
  return hint ? `; did you mean ${hint}?` : `; is ${shown(value)}`;
}

/** The fields that tell the alternatives apart, where they are told apart by required fields. */
function alternatives(branches: unknown): string {
  const fields = (branches as Schema[]).map(({ required }) =>
    (required as string[] | undefined)?.join(" and "),
  );
  return fields.every((f) => f) ? `: ${fields.join("; or ")}` : "";
}

function count(n: unknown, one: string, many = `${one}s`): string {
  return n === 1 ? `1 ${one}` : `${n} ${many}`;
}
