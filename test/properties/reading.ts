import fc from "fast-check";
import { isMap, isSeq, LineCounter, type Pair, parseDocument, type Scalar, stringify } from "yaml";
import { readYaml } from "../../src/model/read-yaml.ts";
import { yamlPlaces } from "../../src/model/yaml-places.ts";
import type { Property } from "./properties.ts";

const awkward = fc.constantFrom(
  ..."|yes|no|on|null|~|true|0644|0x1F|1e3|.5|-|- a|a: b|# c|'|\"|*a|&a|!t|%|@|`|<<| a|a |\t|é|😀|\\|{|]|,|?|: |a\nb|\n|a\n\n b |1_0|0b1|.inf|===|---|...".split(
    "|",
  ),
);
const scalar = fc.oneof(
  awkward,
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
);
const key = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), awkward).filter((k) => k !== "constructor");
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 5, noNullPrototype: true }),
  ),
}));
const styles = fc.record({
  indent: fc.integer({ min: 1, max: 6 }),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 20, 80),
  collectionStyle: fc.constantFrom("any" as const, "flow" as const),
  defaultStringType: fc.constantFrom(
    "PLAIN" as const,
    "QUOTE_DOUBLE" as const,
    "QUOTE_SINGLE" as const,
    "BLOCK_LITERAL" as const,
    "BLOCK_FOLDED" as const,
  ),
  aliasDuplicateObjects: fc.constant(false),
});

/** The place of every key as the yaml package has it. */
function* keysOf(
  node: unknown,
  path: (string | number)[],
): Generator<[path: (string | number)[], offset: number]> {
  if (isSeq(node)) for (const [i, item] of node.items.entries()) yield* keysOf(item, [...path, i]);
  if (!isMap(node)) return;
  for (const { key, value: inner } of node.items as Pair<Scalar>[]) {
    const at = [...path, key.value === null ? "" : String(key.value)];
    yield [at, key.range?.[0] ?? 0];
    yield* keysOf(inner, at);
  }
}

function same(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: ${a} is not ${b}`);
}

export const reading: Property<[unknown, Parameters<typeof stringify>[1]]> = {
  title: "the declaration's YAML reads as the yaml package reads it, with the same places of keys",
  cases: fc.tuple(tree, styles) as never,
  check([what, style]) {
    const text = stringify({ root: what }, style as never);
    const lineCounter = new LineCounter();
    const document = parseDocument(text, { lineCounter });
    const read = readYaml(text);
    same("value", read.ok ? read.value : read.problems, document.toJS());
    const place = yamlPlaces(text);
    for (const [path, offset] of keysOf(document.contents, [])) {
      const { line, col } = lineCounter.linePos(offset);
      same(path.join("."), place(path), { line, column: col });
    }
  },
};
