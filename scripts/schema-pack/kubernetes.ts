import { type FieldFacts, fieldFacts } from "./go-types.ts";

type Schema = Record<string, unknown>;
interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}
interface Operation {
  "x-kubernetes-action"?: string;
  "x-kubernetes-group-version-kind"?: GroupVersionKind;
}
interface Swagger {
  definitions: Record<string, Schema & { "x-kubernetes-group-version-kind"?: GroupVersionKind[] }>;
  paths: Record<string, { get?: Operation; post?: Operation }>;
}

export interface PackedKind {
  /** `apps/v1/Deployment`, `v1/Service`. */
  id: string;
  definition: string;
  namespaced: boolean;
  plural: string;
}

/** What the API server writes and nobody declares. */
const records = new Set(["Event"]);

/** Forms that OpenAPI v2 cannot say; a union type gives clearer errors than oneOf. */
const quantity = "^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$";
const special: Record<string, Schema> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": {
    type: ["string", "number"],
    pattern: quantity,
    format: "quantity",
  },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { type: ["integer", "string"], format: "int-or-string" },
};

/** The stable kinds of Kubernetes' OpenAPI document, strict, with only the definitions that they reach. */
export function kubernetesPack(
  swaggerText: string,
  goSource: string,
): { kinds: PackedKind[]; definitions: Record<string, Schema> } {
  const swagger = JSON.parse(swaggerText) as Swagger;
  const facts = fieldFacts(goSource);
  const kinds = declarableKinds(swagger);
  const definitions: Record<string, Schema> = {};
  const visit = (name: string) => {
    if (definitions[name]) return;
    const definition = swagger.definitions[name] ?? fail(`no definition ${name}`);
    const strict = special[name] ?? strictSchema(definition, facts.get(name) ?? {});
    definitions[name] = strict;
    if (kinds.some((kind) => kind.definition === name)) openStatus(strict);
    for (const ref of refsOf(strict)) visit(ref);
  };
  for (const kind of kinds) {
    visit(kind.definition);
    // Not required: claims inside a StatefulSet are of a kind too and name none.
    const properties = definitions[kind.definition]?.properties as Schema;
    const slash = kind.id.lastIndexOf("/");
    properties.apiVersion = { const: kind.id.slice(0, slash) };
    properties.kind = { const: kind.id.slice(slash + 1) };
  }
  const names = Object.keys(definitions).sort();
  return { kinds, definitions: Object.fromEntries(names.map((name) => [name, definitions[name] ?? {}])) };
}

/** Kinds of stable versions that can be listed and created: no reviews, bindings, scales or lists. */
function declarableKinds(swagger: Swagger): PackedKind[] {
  const definitionOf = new Map<string, string>();
  for (const [name, definition] of Object.entries(swagger.definitions)) {
    const [gvk, ...more] = definition["x-kubernetes-group-version-kind"] ?? [];
    if (gvk && more.length === 0) definitionOf.set(idOf(gvk), name);
  }
  const kinds: PackedKind[] = [];
  for (const [path, { get, post }] of Object.entries(swagger.paths)) {
    const gvk = post?.["x-kubernetes-group-version-kind"];
    const created = post?.["x-kubernetes-action"] === "post" && get?.["x-kubernetes-action"] === "list";
    if (!created || !gvk || !/^v\d+$/.test(gvk.version) || records.has(gvk.kind)) continue;
    kinds.push({
      id: idOf(gvk),
      definition: definitionOf.get(idOf(gvk)) ?? fail(`no definition for ${idOf(gvk)}`),
      namespaced: path.includes("/namespaces/{namespace}/"),
      plural: path.slice(path.lastIndexOf("/") + 1),
    });
  }
  return kinds.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Status is the cluster's to write and ignored on apply: any object passes, and half the definitions go. */
function openStatus(schema: Schema): void {
  const properties = schema.properties as Schema;
  if (properties.status) properties.status = { type: "object" };
  if (Array.isArray(schema.required)) schema.required = schema.required.filter((name) => name !== "status");
}

const kept = ["type", "format", "required", "x-kubernetes-list-type", "x-kubernetes-list-map-keys"];

function strictSchema(schema: Schema, facts: Record<string, FieldFacts>): Schema {
  if (typeof schema.$ref === "string") return { $ref: schema.$ref };
  const strict: Schema = {};
  for (const key of kept) {
    // `atomic` says nothing about what is valid.
    if (schema[key] !== undefined && schema[key] !== "atomic") strict[key] = schema[key];
  }
  if (schema.items) strict.items = strictSchema(schema.items as Schema, {});
  if (schema.additionalProperties) {
    strict.additionalProperties = strictSchema(schema.additionalProperties as Schema, {});
  }
  if (schema.properties) {
    const properties = Object.entries(schema.properties as Record<string, Schema>);
    strict.properties = Object.fromEntries(
      properties.map(([name, child]) => [name, withFacts(strictSchema(child, {}), facts[name] ?? {})]),
    );
    strict.additionalProperties ??= false;
  }
  return strict;
}

function withFacts(schema: Schema, facts: FieldFacts): Schema {
  if (facts.enum) schema.enum = facts.enum;
  if (facts.default !== undefined) schema.default = facts.default;
  if (facts.itemsEnum && schema.items) (schema.items as Schema).enum = facts.itemsEnum;
  return schema;
}

function refsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const ref = (value as Schema).$ref;
  if (typeof ref === "string") return [ref.replace("#/definitions/", "")];
  return Object.values(value).flatMap(refsOf);
}

function idOf({ group, version, kind }: GroupVersionKind): string {
  return group === "" ? `${version}/${kind}` : `${group}/${version}/${kind}`;
}

function fail(message: string): never {
  throw new Error(message);
}
