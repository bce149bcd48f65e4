import { expect, test } from "vitest";
import { compiled, problemsIn, typescript, yaml } from "./testing/declare.ts";
import { smallRegistry } from "./testing/registry.ts";

const clusters = `environments: { dev: {}, prod: {} }
clusters:
  one: { type: kubernetes, context: one, environment: dev }
  two: { type: kubernetes, context: two, environment: prod }`;
const app = `  web:
    image: nginx:1.27
    args: [a, b]
    env: { KEEP: "1", DROP: "2" }
    slo: { availability: 99 }
    overrides:
      - where: { environment: prod }
        set:
          env: { DROP: null, ADD: "3" }
          args: [c]
          slo: null
          image: nginx:1.28
`;

test("a patch merges objects, replaces lists and removes by null, in its environment alone", async () => {
  const plan = await compiled({ "landfall.config.yaml": yaml(app, clusters) }, smallRegistry);
  const specs = Object.fromEntries(plan.clusters.map(({ name, apps }) => [name, apps[0]?.spec]));
  expect(specs.one).toMatchObject({ image: "nginx:1.27", args: ["a", "b"], env: { KEEP: "1", DROP: "2" } });
  expect(specs.one?.slo).toMatchObject({ availability: 99, latency: "500ms" });
  expect(specs.two).toMatchObject({ image: "nginx:1.28", args: ["c"] });
  expect(specs.two?.env).toEqual({ KEEP: "1", ADD: "3" });
  expect(specs.two?.slo).toBeUndefined();
});

const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split("\n").length;

test("what a patch refers to is looked for at the patch's line", async () => {
  const text = yaml(
    `  web:
    image: nginx:1.27
    env: { OWN: { secret: absent } }
    overrides:
      - where: { environment: prod }
        set:
          env:
            PATCHED: { secret: missing }
`,
    clusters,
  );
  const problems = await problemsIn({ "landfall.config.yaml": text }, smallRegistry);
  expect(problems.map(({ code, what, where }) => [code, what, where?.line])).toEqual([
    ["LF1017", "there is no secret named absent", lineOf(text, "OWN")],
    ["LF1017", "there is no secret named missing", lineOf(text, "PATCHED")],
  ]);
});

test("removing by null what must be there is an error at the patch", async () => {
  const text = yaml(
    "  web:\n    image: nginx:1.27\n    overrides:\n      - { where: { environment: prod }, set: { image: null } }\n",
    clusters,
  );
  const problems = await problemsIn({ "landfall.config.yaml": text }, smallRegistry);
  expect(problems).toMatchObject([
    { code: "LF1016", what: "web has neither image nor source", where: { line: lineOf(text, "web:") } },
  ]);
});

test("a typed patch's error points into its own set(…)", async () => {
  const text = typescript(
    `const prod = environment("prod");
const web = app("web", {
  image: "nginx:1.27",
  overrides: [
    prod.set({
      scale: {
        min: 5, max: 2 },
    }),
  ],
});`,
  );
  const problems = await problemsIn({ "landfall.config.ts": text });
  expect(problems).toMatchObject([{ code: "LF1016", where: { line: lineOf(text, "max: 2"), column: 17 } }]);
});
