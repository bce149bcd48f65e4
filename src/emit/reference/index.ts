/** The declaration's reference for editors (JSON Schema) and for people (Markdown), both from the zod schemas. */
import { z } from "zod";
import { companySchema } from "../../model/company.ts";
import { registry } from "../../parts/index.ts";

type JsonSchema = {
  description?: string;
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  required?: string[];
  [key: string]: unknown;
};

/** The JSON Schema of the YAML form, each part with its own options. */
export function declarationSchema(): JsonSchema {
  const schema = z.toJSONSchema(companySchema, {
    io: "input",
    unrepresentable: "any",
    reused: "inline",
  }) as JsonSchema;
  const parts = Object.fromEntries(Object.keys(registry).map((id) => [id, partSchema(id)]));
  const { properties = {} } = schema;
  return {
    ...schema,
    title: "A landfall declaration",
    properties: {
      ...properties,
      parts: {
        ...properties.parts,
        properties: parts,
        additionalProperties: false,
        propertyNames: undefined,
      },
    },
  };
}

function partSchema(id: string): JsonSchema {
  const part = registry[id];
  const options = z.toJSONSchema((part?.options ?? z.object({})).strict(), {
    io: "input",
    unrepresentable: "any",
  }) as JsonSchema;
  const { $schema: _, ...rest } = options;
  return { description: `${part?.title}: ${part?.docs}`, ...rest };
}

/** The reference as one Markdown page: every key with its meaning, default and example. */
export function declarationPage(): string {
  const { parts, ...properties } = declarationSchema().properties ?? {};
  const sections = [
    "# The declaration",
    "",
    "Generated from the schemas in `src/model`. The TypeScript form takes the same keys, with handles where YAML has names.",
    "",
    "| key | meaning | default | example |",
    "|---|---|---|---|",
    ...rows(properties, ""),
    "",
    "## Parts",
    ...Object.entries(parts?.properties ?? {}).flatMap(([id, schema]) => {
      const keys = rows(schema.properties ?? {}, "");
      const table =
        keys.length > 0
          ? ["| option | meaning | default | example |", "|---|---|---|---|", ...keys]
          : ["No options."];
      return ["", `### ${id}`, "", schema.description ?? "", "", ...table];
    }),
  ];
  return `${sections.join("\n")}\n`;
}

function rows(properties: Record<string, JsonSchema>, prefix: string): string[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const path = `${prefix}${key}`;
    const cells = [`\`${path}\``, schema.description ?? "", code(schema.default), code(schema.examples?.[0])];
    return [`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`, ...children(schema, path)];
  });
}

function children(schema: JsonSchema, path: string): string[] {
  const branches = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const found = new Map<string, string>();
  const add = (lines: string[]) => {
    for (const line of lines)
      if (!found.has(line.split(" | ")[0] ?? line)) found.set(line.split(" | ")[0] ?? line, line);
  };
  for (const branch of branches) {
    if (branch.properties) add(rows(branch.properties, `${path}.`));
    if (typeof branch.additionalProperties === "object")
      add(children(branch.additionalProperties, `${path}.<name>`));
    if (branch.items) add(children(branch.items, `${path}[]`));
  }
  return [...found.values()];
}

function code(value: unknown): string {
  return value === undefined ? "" : `\`${JSON.stringify(value)}\``;
}
