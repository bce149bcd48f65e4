import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseDocument, stringify } from "yaml";
import { yamlValue } from "../../util/testing/yaml-values.ts";
import { applyEdits } from "../../util/text-edits.ts";
import { treeToV2 } from "./tree.ts";
import { yamlToV2 } from "./yaml.ts";

const migrated = (text: string) => applyEdits(text, yamlToV2(text).edits);

describe("the text changes where it must and nowhere else", () => {
  test.each([
    [
      "blocks, with comments, blank lines and block scalars",
      `# old
landfall: 1 # version
apps:
  web:
    environments: # what differs
      # for people
      prod: # here
        config:
          motd: |
            hello

              world
        scale: {min: 3,
          max: 5}   # odd

      dev:
        args: [ "a" ]
    image: 'x'
`,
      `# old
landfall: 2 # version
apps:
  web:
    overrides: # what differs
      # for people
      - where: { environment: prod }
        set: # here
          config:
            motd: |
              hello

                world
          scale: {min: 3,
            max: 5}   # odd

      - where: { environment: dev }
        set:
          args: [ "a" ]
    image: 'x'
`,
    ],
    [
      "flows",
      "landfall: 1\napps: { web: { environments: { 'prod': { args: [a] }, dev: {} }, image: x } }\n",
      "landfall: 2\napps: { web: { overrides: [ { where: { environment: 'prod' }, set: { args: [a] } }, { where: { environment: dev }, set: {} } ], image: x } }\n",
    ],
    [
      "nothing for any environment",
      "apps:\n  a:\n    environments: {}\n",
      "apps:\n  a:\n    overrides: []\n",
    ],
    [
      "Windows' line ends",
      "landfall: 1\r\napps:\r\n  a:\r\n    environments:\r\n      p:\r\n        args: []\r\n\r\n        env: {}\r\n",
      "landfall: 2\r\napps:\r\n  a:\r\n    overrides:\r\n      - where: { environment: p }\r\n        set:\r\n          args: []\r\n\r\n          env: {}\r\n",
    ],
    [
      "anchors and aliases, each where it is written",
      "apps:\n  a:\n    environments: &same\n      p: &patch { args: [a] }\n      d: *patch\n  b:\n    environments: *same\n",
      "apps:\n  a:\n    overrides: &same\n      - where: { environment: p }\n        set: &patch { args: [a] }\n      - where: { environment: d }\n        set: *patch\n  b:\n    overrides: *same\n",
    ],
    ["without apps", "landfall: 1\ncompany: x\n", "landfall: 2\ncompany: x\n"],
    [
      "environments of the company stay",
      "environments: { prod: {} }\napps: { a: { image: x } }\n",
      "environments: { prod: {} }\napps: { a: { image: x } }\n",
    ],
  ])("%s", (_, before, after) => {
    expect(migrated(before)).toBe(after);
    expect(yamlToV2(before).obstacles).toEqual([]);
  });
});

test.each([
  ["apps:\n  a:\n    environments: *other\n", "an alias of something else"],
  ["apps:\n  a:\n    environments:\n      ? prod\n      : { args: [] }\n", "not a mapping"],
  ["apps:\n  a:\n    environments: [prod]\n", "not a mapping"],
])("%j is left as it is, and said", (text, what) => {
  const { edits, obstacles } = yamlToV2(text);
  expect(edits).toEqual([]);
  expect(obstacles).toMatchObject([
    { at: text.indexOf("environments"), what: expect.stringContaining(what) },
  ]);
});

/** A tree of version 1 in any of the ways that the library writes it. */
const texts = fc
  .record({
    apps: fc.dictionary(
      fc.stringMatching(/^[a-z]{1,4}$/),
      fc.record(
        {
          image: fc.constantFrom("x", "y: z"),
          environments: fc.dictionary(
            fc.constantFrom("dev", "prod", "no", "on-2"),
            fc.dictionary(fc.constantFrom("args", "env", "config"), yamlValue, { maxKeys: 2 }),
            { maxKeys: 3 },
          ),
          config: yamlValue,
        },
        { requiredKeys: [] },
      ),
      { maxKeys: 3 },
    ),
    flow: fc.constantFrom("any" as const, "block" as const, "flow" as const),
    indent: fc.integer({ min: 1, max: 5 }),
    indentSeq: fc.boolean(),
    lineWidth: fc.constantFrom(0, 20, 80),
    quotes: fc.constantFrom("PLAIN" as const, "QUOTE_DOUBLE" as const, "QUOTE_SINGLE" as const),
  })
  .map(({ apps, flow, indent, indentSeq, lineWidth, quotes }) =>
    stringify(
      { landfall: 1, apps },
      {
        collectionStyle: flow,
        indent,
        indentSeq,
        lineWidth,
        defaultStringType: quotes,
        aliasDuplicateObjects: false,
      },
    ),
  );

test("whatever is written, the text means what the old reader takes it for", () => {
  const asV2 = (text: string) => JSON.stringify(treeToV2(parse(text)));
  const canonical = (text: string) => JSON.stringify(sortedApps(parse(text)));
  fc.assert(
    fc.property(texts, (text) => {
      // What the library writes it does not always read.
      fc.pre(parseDocument(text).errors.length === 0);
      expect(canonical(migrated(text))).toBe(JSON.stringify(sortedApps(JSON.parse(asV2(text)))));
      expect(yamlToV2(text).obstacles).toEqual([]);
    }),
    { numRuns: 1_000, seed: 9 },
  );
});

/** Keys of apps in one order: the old reader puts `overrides` last. */
function sortedApps(tree: { apps: Record<string, object> }): object {
  const apps = Object.entries(tree.apps).map(([name, app]) => [
    name,
    Object.fromEntries(Object.entries(app).sort(([a], [b]) => (a < b ? -1 : 1))),
  ]);
  return { ...tree, apps: Object.fromEntries(apps) };
}
