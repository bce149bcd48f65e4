import { expect, test } from "vitest";
import type { z } from "zod";
import { companySchema } from "./company.ts";

type Definition = {
  innerType?: z.ZodType;
  shape?: Record<string, z.ZodType>;
  valueType?: z.ZodType;
  element?: z.ZodType;
  options?: z.ZodType[];
};

/** Every field of an object, at any depth, through wrappers, records, lists and unions. */
function* fieldsOf(schema: z.ZodType, path: string): Generator<[path: string, field: z.ZodType]> {
  const { innerType, shape = {}, valueType, element, options = [] } = schema.def as Definition;
  for (const [key, field] of Object.entries(shape)) {
    yield [`${path}.${key}`, field];
    yield* fieldsOf(field, `${path}.${key}`);
  }
  if (innerType) yield* fieldsOf(innerType, path);
  if (valueType) yield* fieldsOf(valueType, `${path}.<name>`);
  if (element) yield* fieldsOf(element, `${path}[]`);
  for (const option of options) yield* fieldsOf(option, path);
}

const fields = [...fieldsOf(companySchema, "company")];

test("every field of the declaration has a description and an example", () => {
  expect(fields.length).toBeGreaterThan(90);
  const bare = fields.filter(([, field]) => {
    const meta = field.meta() as { description?: string; examples?: unknown[] } | undefined;
    return !meta?.description || !meta.examples?.length;
  });
  expect(bare.map(([path]) => path)).toEqual([]);
});

test("every example is a value its own field takes", () => {
  const wrong = fields.filter(([, field]) => {
    const { examples = [] } = (field.meta() ?? {}) as { examples?: unknown[] };
    return examples.some((example) => !field.safeParse(example).success);
  });
  expect(wrong.map(([path]) => path)).toEqual([]);
});
