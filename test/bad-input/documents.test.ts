/** Texts made to cost much or to reach into JavaScript's own objects, in every file that a declaration is read from. */
import { expect, test } from "vitest";
import { buildOf, declaration, places } from "./company.ts";

const web = "apps: { web: { image: 'nginx:1' } }";
const megabytes = 10 * 2 ** 20;
const laughs = Array.from(
  { length: 9 },
  (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(",")}]`,
);
const bomb = `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${laughs.join("\n")}\nimage: ${"y".repeat(megabytes)}\n`;
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const estate = { "landfall.config.yaml": declaration("include: [apps]") };
const withValues = (text: string) => ({
  "landfall.config.yaml": declaration(web),
  "values/all.json": text,
});

test.each([
  ["an alias bomb of 10 MB as the declaration", { "landfall.config.yaml": bomb }, "aliases expand"],
  ["an alias bomb of 10 MB as an app", { ...estate, "apps/web.yaml": bomb }, "aliases expand"],
  [
    "a declaration nested 100,000 deep",
    { "landfall.config.yaml": declaration(`apps: ${nested(1e5)}`) },
    "nested more than",
  ],
  ["an app nested 100,000 deep", { ...estate, "apps/web.yaml": `raw: ${nested(1e5)}` }, "nested more than"],
  [
    "data nested 100,000 deep",
    withValues(`{"apps":{"web":{"config":{"a":{"b":${nested(1e5)}}}}}}`),
    "nested more than",
  ],
])("%s is refused soon", async (_name, files, said) => {
  const start = performance.now();
  const outcome = await buildOf(files);
  expect(outcome.problems).toMatchObject([{ code: "LF1001", what: expect.stringContaining(said) }]);
  expect(outcome.written).toBe(0);
  expect(performance.now() - start).toBeLessThan(10_000);
});

const inProgram = (config: string) => ({
  "landfall.config.ts": `import { app, company, kubernetesCluster } from "landfall";
import { flux } from "landfall/parts";
const cluster = kubernetesCluster("prod", { context: "prod" });
${config}
const web = app("web", { image: "nginx:1", config: { "a.json": value } });
export default company("shop", { landfall: 2, clusters: [cluster], parts: [flux()], apps: [web] });
`,
});

test.each([
  ["nested 100,000 deep", "let value: object = {}; for (let i = 0; i < 1e5; i++) value = { value };"],
  ["that holds itself", "const value: Record<string, unknown> = {}; value.value = value;"],
])("a program's value %s is refused by its app's name", async (_name, config) => {
  const outcome = await buildOf(inProgram(config));
  expect(outcome.problems).toMatchObject([
    { code: "LF1001", what: expect.stringMatching(/^web: a value is nested more than 100 levels deep/) },
  ]);
});

const hostile = ["__proto__", "constructor", "prototype"];

test.each(hostile)("the key %s is refused wherever it stands, and reaches nothing", async (key) => {
  const json = `{"${key}":{"polluted":"yes"}}`;
  for (const files of [
    { "landfall.config.yaml": declaration(`${web}\n${key}: { polluted: yes }`) },
    { "landfall.config.yaml": declaration(`apps: { web: { image: 'nginx:1', env: ${json} } }`) },
    { "landfall.config.yaml": declaration(`apps: { ${key}: { image: 'nginx:1' } }`) },
    { "landfall.config.yaml": declaration(`${web}\noverlays: [{ set: ${json} }]`) },
    { ...estate, "apps/web.yaml": `image: nginx:1\nconfig: { "a.json": ${json} }` },
    withValues(`{"apps":{"web":{"env":${json}}}}`),
    withValues(`{"apps":${json}}`),
    inProgram(`const value = JSON.parse('${json}') as object;`),
  ]) {
    const outcome = await buildOf(files);
    expect(outcome.problems, JSON.stringify(files)).toMatchObject([
      { code: "LF1003", what: `the key \`${key}\` is not taken` },
    ]);
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("a program that changes Object.prototype changes nothing but itself", async () => {
  const outcome = await buildOf(
    inProgram("(Object.prototype as Record<string, unknown>).polluted = 1; const value = {};"),
  );
  expect(outcome.problems).toEqual([]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("names that every object has are names like others", async () => {
  const outcome = await buildOf({
    ...estate,
    "apps/tostring.yaml": "image: nginx:1\ncalls: [valueof, hasownproperty]\n",
    "apps/valueof.yaml": "image: nginx:1\n",
  });
  expect(places(outcome).map((place) => place.split(" ")[0])).toEqual(["LF1005"]);
  expect(outcome.problems[0]?.what).toContain("hasownproperty");
});
