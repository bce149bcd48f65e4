import { describe, expect, test } from "vitest";
import type { Problem } from "../util/errors.ts";
import type { BadCase } from "./testing/bad-case.ts";
import { problemsIn, typescript, yaml } from "./testing/declare.ts";
import { formCases } from "./testing/form-cases.ts";
import { referenceCases } from "./testing/reference-cases.ts";
import { releaseCases } from "./testing/release-cases.ts";
import { renderCases } from "./testing/render-cases.ts";
import { waveCases } from "./testing/wave-cases.ts";

/** Where a text begins, the last time it does at a line's start or inside one. */
function placeOf(text: string, at: string): { line: number; column: number } {
  const offset = text.lastIndexOf(at);
  expect(offset, `${at} is in the declaration`).toBeGreaterThan(0);
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function expectOne(problems: Problem[], bad: BadCase, text: string, at: string): void {
  expect(problems.map(({ code, what }) => `${code} ${what}`)).toHaveLength(1);
  const [only] = problems as [Problem];
  expect(only.code).toBe(bad.code);
  expect(only.what).toMatch(bad.what);
  expect(`${only.why} ${only.fix}`).toMatch(bad.fix);
  expect({ line: only.where?.line, column: only.where?.column }).toEqual(placeOf(text, at));
  expect(only.where?.file).toMatch(/landfall\.config\.(ts|yaml)$/);
}

describe.each([
  ["form", formCases],
  ["references", referenceCases],
  ["releases", releaseCases],
  ["rendering", renderCases],
  ["waves", waveCases],
])("bad %s gives one problem with its place", (_group, cases) => {
  const inYaml = cases.filter((bad) => bad.yaml);
  test.each(inYaml.map((bad) => [bad.name, bad] as const))("YAML: %s", async (_name, bad) => {
    const text = yaml(...(bad.yaml as [string, string?]));
    expectOne(await problemsIn({ ...bad.files, "landfall.config.yaml": text }), bad, text, bad.at);
  });

  const inTypeScript = cases.filter((bad) => bad.ts);
  test.concurrent.each(inTypeScript.map((bad) => [bad.name, bad] as const))(
    "TypeScript: %s",
    async (_name, bad) => {
      const text = typescript(...(bad.ts as [string, string?]));
      const problems = await problemsIn({ ...bad.files, "landfall.config.ts": text });
      // A handle's place is the function that made it: where `app(` begins.
      expectOne(problems, bad, text, bad.atTs ?? bad.at);
    },
    30_000,
  );
});

test("everything wrong in a file is reported at once, in its order", async () => {
  const text = yaml(
    `  web:
    image: nginx:1.27
    imge: x
    calls: [nobody]
    env: { KEY: { secret: none } }
  api:
    scale: { min: 3, max: 2 }
    overrides: [{ where: { environment: prod }, set: { args: 3 } }]`,
    "environments: { prod: {} }\nparts:\n  flux: {}\n  promtheus: {}",
  );
  const problems = await problemsIn({ "landfall.config.yaml": text });
  expect(problems.map(({ code, where }) => `${code}:${where?.line}`)).toEqual([
    "LF1007:8",
    "LF1004:12",
    "LF1005:13",
    "LF1017:14",
    "LF1016:15",
    "LF1016:16",
    "LF1003:17",
  ]);
});

test("apps may share a hostname on different paths", async () => {
  const app = (name: string, path: string) =>
    `  ${name}: { image: x:1, ports: { http: 80 }, expose: [{ host: a.localhost, path: ${path} }] }\n`;
  const text = yaml(
    app("web", "/") + app("api", "/api"),
    "parts: { flux: {}, gateway-api: {}, traefik: {} }",
  );
  expect(await problemsIn({ "landfall.config.yaml": text })).toEqual([]);
});

test.concurrent.each([
  ["LF1002", "const web = app('web' + Date.now(), {});", "Date.now", "write the value down"],
  [
    "LF1002",
    'import fs from "node:fs";\nconst web = app("web", { image: String(fs) });',
    '"node:fs"',
    "write the",
  ],
  ["LF1009", 'const s = secret("s");\nconst web = app("web", { args: ["k=" + s] });', "args", "env: { KEY"],
  ["LF1001", "const web = undefined as never;\nthrow new Error('boo');", "new Error", "default-exports"],
])(
  "%s is told at its line with its fix: %s",
  async (code, body, at, fix) => {
    const text = typescript(body);
    const problems = await problemsIn({ "landfall.config.ts": text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code, fix: expect.stringContaining(fix) });
    const line = body.split("\n").findLastIndex((part) => part.includes(at)) + 3;
    expect(problems[0]?.where?.line).toBe(line);
  },
  30_000,
);
