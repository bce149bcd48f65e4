import { describe, expect, test } from "vitest";
import { applyEdits } from "../../util/text-edits.ts";
import { typescriptToV2 } from "./typescript.ts";

const migrated = (text: string) => applyEdits(text, typescriptToV2(text).edits);
const from = 'import { app, company } from "landfall";\n';

describe("the text changes where it must and nowhere else", () => {
  test.each([
    [
      "a key, with comments and odd layout",
      `${from}const a = app("a", { /* environments: */ image: "x",\n\tenvironments : [ prod.set({}), ], // all\n});`,
      `${from}const a = app("a", { /* environments: */ image: "x",\n\toverrides : [ prod.set({}), ], // all\n});`,
    ],
    ["a quoted key", `${from}app("a", { 'environments': [] });`, `${from}app("a", { 'overrides': [] });`],
    ["a shorthand", `${from}app("a", { environments });`, `${from}app("a", { overrides: environments });`],
    [
      "types around the literal, and letters beyond ASCII",
      `${from}const é: Ünder<"型"> = app("a", { environments: [] as Patch[] } satisfies AppInput);`,
      `${from}const é: Ünder<"型"> = app("a", { overrides: [] as Patch[] } satisfies AppInput);`,
    ],
    [
      "other names of the imports",
      'import { app as service } from "landfall";\nimport * as lf from "landfall";\nservice("a", { environments: [] }); lf.app("b", { environments: [] });',
      'import { app as service } from "landfall";\nimport * as lf from "landfall";\nservice("a", { overrides: [] }); lf.app("b", { overrides: [] });',
    ],
    [
      "loops and helpers",
      `${from}const make = (n: string) => app(n, { environments: prod.map((p) => p.set({})) });`,
      `${from}const make = (n: string) => app(n, { overrides: prod.map((p) => p.set({})) });`,
    ],
    [
      "a company on lines of its own",
      `${from}export default company("x", {\n    // where\n    clusters: [],\n});`,
      `${from}export default company("x", {\n    landfall: 2,\n    // where\n    clusters: [],\n});`,
    ],
    [
      "a company on one line",
      `${from}export default company("x", { clusters: [] });`,
      `${from}export default company("x", { landfall: 2, clusters: [] });`,
    ],
    [
      "a company that names its version",
      `${from}export default company("x", { clusters: [], landfall: 1 });`,
      `${from}export default company("x", { clusters: [], landfall: 2 });`,
    ],
    [
      "functions of the same name from elsewhere",
      'import { app } from "express";\napp("a", { environments: [] });',
      'import { app } from "express";\napp("a", { environments: [] });',
    ],
  ])("%s", (_, before, after) => {
    expect(migrated(before)).toBe(after);
  });
});

test.each([
  [`app("a", { ...common })`, "...common", "a spread"],
  [`app("a", { [key]: [] })`, "[key]", "a computed key"],
  [`app("a", specOf("a"))`, `specOf("a")`, "an argument that is no object literal"],
  [`company("x", all)`, "all", "an argument that is no object literal"],
])("%s is left as it is, and noted", (code, at, what) => {
  const text = from + code;
  const { edits, obstacles } = typescriptToV2(text);
  expect(edits).toEqual([]);
  expect(obstacles).toMatchObject([{ at: text.lastIndexOf(at), what }]);
});
