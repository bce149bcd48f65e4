import { expect, test } from "vitest";
import { parseCompany } from "./parse.ts";
import { loadIn, problemsOfLoading, yamlRoot } from "./testing/load-in.ts";

const root = { "landfall.config.yaml": yamlRoot, "apps/cart.yaml": "image: cart:1\nscale: { max: 2 }\n" };
const json = (apps: object) => `${JSON.stringify({ apps }, null, 2)}\n`;

test("data files apply last: all, then the environment's, then the cluster's", async () => {
  const files = {
    ...root,
    "values/clusters/eu.json": json({ cart: { scale: { max: 9 } } }),
    "values/environments/prod.json": json({ cart: { image: "cart:3", scale: { max: 8 } } }),
    "values/all.json": json({ cart: { image: "cart:2", args: ["x"] } }),
  };
  await loadIn(files, (declaration) => {
    const { company, problems } = parseCompany(declaration);
    expect(problems).toEqual([]);
    const layers = company?.layersOf("cart", "eu").map(({ title }) => title.split("values/")[1]);
    expect(layers).toEqual(["all.json", "environments/prod.json", "clusters/eu.json"]);
    expect(company?.appOn("cart", "eu")).toMatchObject({ image: "cart:3", args: ["x"], scale: { max: 9 } });
    expect(company?.appOn("cart", undefined)).toMatchObject({ image: "cart:1", scale: { max: 2 } });
    const at = company?.placeOn("cart", "eu", ["scale", "max"]);
    expect(at).toMatchObject({
      file: expect.stringMatching(/values\/clusters\/eu\.json$/),
      line: 5,
      column: 9,
    });
    expect(company?.placeOn("cart", "eu", ["image"])?.file).toMatch(/prod\.json$/);
    expect(declaration.sources).toHaveLength(5);
  });
});

test("values that do not fit are told where they stand in the data file", async () => {
  const files = { ...root, "values/all.json": json({ cart: { scale: { max: "lots" } } }) };
  await loadIn(files, (declaration) => {
    const { problems } = parseCompany(declaration);
    expect(problems).toMatchObject([
      {
        code: "LF1003",
        what: "apps.cart.scale.max: expected number, received string",
        where: { line: 5, column: 9 },
      },
    ]);
  });
});

test.each([
  [
    "no JSON",
    "all.json",
    '{ "apps": { "cart": { image: 1 } } }',
    /^LF1001 values\/all\.json:1:23 it is no JSON/,
  ],
  ["JSON that ends early", "all.json", '{ "apps": {', /^LF1001 values\/all\.json:1:12 it is no JSON/],
  ["YAML", "all.json", "apps:\n  cart: {}\n", /^LF1001 values\/all\.json:1:1 it is no JSON/],
  ["nothing", "all.json", "", /^LF1001 values\/all\.json:1:1 it is no JSON/],
  ["a list", "all.json", "[]", /^LF1003 values\/all\.json:1:1 it is no JSON object/],
  [
    "a doubled key",
    "all.json",
    '{\n  "apps": {\n    "cart": {},\n\t"cart": {}\n  }\n}',
    /^LF1008 values\/all\.json:4:2 `cart` is declared twice/,
  ],
  [
    "__proto__",
    "all.json",
    '{\n  "apps": { "cart": { "__proto__": { "x": 1 } } }\n}',
    /^LF1003 values\/all\.json:2:23 the key `__proto__`/,
  ],
  [
    "an escaped __proto__",
    "all.json",
    '{ "apps": { "\\u005f_proto__": {} } }',
    /^LF1003 values\/all\.json:1:13 the key `__proto__`/,
  ],
  ["a foreign key", "all.json", '{ "app": {} }', /^LF1004 values\/all\.json:1:3 unknown key `app`/],
  [
    "a patch that is none",
    "all.json",
    '{ "apps": { "cart": 3 } }',
    /^LF1003 values\/all\.json:1:13 apps\.cart: is no object/,
  ],
  ["no patches", "all.json", '{ "apps": 3 }', /^LF1003 values\/all\.json:1:3 apps: is no object/],
  [
    "an unknown app",
    "all.json",
    json({ carts: {} }),
    /^LF1005 values\/all\.json:3:5 there is no app named carts/,
  ],
  [
    "an unknown environment",
    "environments/prd.json",
    json({ cart: {} }),
    /^LF1010 values\/environments\/prd\.json there is no environment named prd/,
  ],
  [
    "an unknown cluster",
    "clusters/us.json",
    json({ cart: {} }),
    /^LF1006 values\/clusters\/us\.json there is no cluster named us/,
  ],
  ["a name that nothing reads", "prod.json", json({}), /^LF1004 values\/prod\.json nothing reads/],
  [
    "nesting of depth 100,000",
    "all.json",
    `{ "apps": { "cart": { "a": ${"[".repeat(1e5)}${"]".repeat(1e5)} } } }`,
    /^LF1001 .*more than 100 levels/,
  ],
])("a data file with %s is told at its place", async (_name, file, text, said) => {
  expect(await problemsOfLoading({ ...root, [`values/${file}`]: text })).toEqual([
    expect.stringMatching(said),
  ]);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test("JSON of any layout is read", async () => {
  const text = '{\r\n\t"apps":{"cart":{"env":{"A":"\\u00e9\\/\\ud83d\\ude00","N":1.5e3}}}}';
  await loadIn({ ...root, "values/all.json": text }, ({ data, problems }) => {
    expect(problems).toEqual([]);
    expect(data[0]?.apps).toEqual({ cart: { env: { A: "é/😀", N: 1500 } } });
  });
});
