import { expect, test } from "vitest";
import { LandfallError } from "../util/errors.ts";
import { inFolder } from "../util/testing/in-folder.ts";
import { type Explained, explain } from "./explain.ts";

const files = {
  "landfall.config.yaml": `landfall: 2
company: shop
include: [apps]
environments: { prod: { labels: { tier: gold } }, dev: {} }
clusters:
  eu-1: { type: kubernetes, context: eu-1, environment: prod, labels: { region: eu } }
  eu-2: { type: kubernetes, context: eu-2, environment: prod, labels: { region: eu } }
  us-1: { type: kubernetes, context: us-1, environment: prod, labels: { region: us } }
  dev-1: { type: kubernetes, context: dev-1, environment: dev }
overlays:
  - where: { environment: prod }
    apps: { tier: web }
    set:
      scale: { max: 6 }
`,
  "apps/cart.yaml": `image: cart:1
labels: { tier: web }
ports: { http: 80 }
scale:
  max: 3
config:
  faults.json: { latencyMs: 0 }
overrides:
  - where: { region: eu }
    set:
      scale: { max: 8 }
`,
  "apps/job.yaml": "image: job:1\non: { clusters: [us-1] }\n",
  "values/clusters/eu-1.json": `${JSON.stringify({ apps: { cart: { scale: { max: 12 } } } }, null, 2)}\n`,
};

const explained = (key: string, cluster?: string) =>
  inFolder(files, async (folder) => {
    const explanation = await explain(folder, key, cluster);
    const short = ({ file, line, column }: NonNullable<Explained["where"]>) =>
      `${file.slice(file.indexOf(folder.split("/").at(-1) ?? "") + (folder.split("/").at(-1)?.length ?? 0) + 1)}:${line}:${column}`;
    return {
      ...explanation,
      values: explanation.values.map(({ where, steps, leaves, ...rest }) => ({
        ...rest,
        from: where && short(where),
        steps: steps.map(({ by, value, where: at, labels }) => [
          by.split("/").at(-1),
          ...(value !== null && typeof value === "object" ? [] : [value]),
          ...(at ? [short(at)] : []),
          ...(labels ? [labels] : []),
        ]),
        ...(leaves && {
          leaves: leaves.map((leaf) => [leaf.path, leaf.value, leaf.where && short(leaf.where)]),
        }),
      })),
    };
  });

const declared = ["declared", 3, "apps/cart.yaml:5:3"];
const overlay = ["overlays.0", 6, "landfall.config.yaml:14:16", { environment: "prod" }];
const override = ["overrides.0", 8, "apps/cart.yaml:11:16", { region: "eu" }];
const data = ["eu-1.json", 12, "values/clusters/eu-1.json:5:9"];

test("a value on a cluster comes with its place and every layer that touched it, in order", async () => {
  expect(await explained("app.cart.scale.max", "eu-1")).toEqual({
    path: "app.cart.scale.max",
    app: "cart",
    placed: true,
    values: [
      {
        value: 12,
        clusters: ["eu-1"],
        from: "values/clusters/eu-1.json:5:9",
        steps: [declared, overlay, override, data],
      },
    ],
  });
});

test("without a cluster, each distinct value comes with the clusters that have it", async () => {
  const { values } = await explained("apps.cart.scale.max");
  expect(values.map(({ value, clusters, steps }) => [value, clusters, steps])).toEqual([
    [3, ["dev-1"], [declared]],
    [12, ["eu-1"], [declared, overlay, override, data]],
    [8, ["eu-2"], [declared, overlay, override]],
    [6, ["us-1"], [declared, overlay]],
  ]);
});

test("a default is said to be one; what is not set has no value; a list's item is reached", async () => {
  expect((await explained("app.cart.scale.min")).values).toEqual([
    { value: 1, clusters: ["dev-1", "eu-1", "eu-2", "us-1"], from: undefined, steps: [["default", 1]] },
  ]);
  expect((await explained("app.cart.slo", "eu-1")).values).toMatchObject([
    { value: undefined, from: undefined },
  ]);
  expect((await explained("app.cart.overrides.0.where.region", "eu-1")).values).toMatchObject([
    { value: "eu", from: "apps/cart.yaml:9:14" },
  ]);
});

test("a subtree comes with each of its values and what set them", async () => {
  const { values } = await explained("app.cart.scale", "us-1");
  expect(values).toMatchObject([
    {
      value: { min: 1, max: 6, cpu: 70 },
      leaves: [
        ["scale.min", 1, undefined],
        ["scale.max", 6, "landfall.config.yaml:14:16"],
        ["scale.cpu", 70, undefined],
      ],
      steps: [
        ["declared", "apps/cart.yaml:4:1"],
        ["overlays.0", "landfall.config.yaml:14:7", { environment: "prod" }],
      ],
    },
  ]);
  const [whole] = (await explained("app.cart", "us-1")).values;
  expect(whole?.leaves).toEqual(expect.arrayContaining([["image", "cart:1", "apps/cart.yaml:1:1"]]));
});

test("keys that hold dots are found, and the root's keys too", async () => {
  expect((await explained("app.cart.config.faults.json.latencyMs", "us-1")).values[0]).toMatchObject({
    value: 0,
    from: "apps/cart.yaml:7:18",
  });
  expect((await explained("cluster.eu-1.labels.region")).values[0]).toMatchObject({
    value: "eu",
    from: "landfall.config.yaml:6:73",
  });
  expect((await explained("fleet.branch")).values[0]).toMatchObject({
    value: "main",
    steps: [["default", "main"]],
  });
});

test("a cluster that the app does not run on is said so", async () => {
  expect(await explained("app.job.image", "eu-1")).toMatchObject({
    placed: false,
    values: [{ value: "job:1" }],
  });
});

test.each([
  ["app.cart.scale.mx", "LF9001", "did you mean `app.cart.scale.max`?"],
  ["app.cart.scle", "LF9001", "did you mean `app.cart.scale`?"],
  ["app.crt.scale", "LF1005", "did you mean cart?"],
  ["app.cart.scale.max.more", "LF9001", "it holds no keys"],
  ["flet", "LF9001", "did you mean `fleet`?"],
  ["app.cart.constructor", "LF9001", "known here"],
])("%s is refused with what was meant", async (key, code, fix) => {
  const error = await explained(key).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LandfallError);
  expect((error as LandfallError).problems).toMatchObject([{ code, fix: expect.stringContaining(fix) }]);
});

test("a cluster that does not exist is refused with the one that was meant", async () => {
  const error = await explained("app.cart.image", "eu1").catch((thrown: unknown) => thrown);
  expect((error as LandfallError).problems).toMatchObject([{ code: "LF1006", fix: "did you mean eu-1?" }]);
});
