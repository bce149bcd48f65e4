import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inFolder } from "../util/testing/in-folder.ts";
import { loadDeclaration } from "./load.ts";
import {
  loadIn,
  platform,
  problemsIn,
  problemsOfLoading,
  typescriptRoot,
  yamlRoot,
} from "./testing/load-in.ts";

const names = (tree: Record<string, unknown>) => Object.keys(tree.apps as object);
const ends = (path: string | undefined, count: number) => path?.split("/").slice(-count).join("/");

test("YAML files at any depth declare the app they are named after, with the places of their keys", async () => {
  const files = {
    "landfall.config.yaml": `${yamlRoot}apps: { main: { image: "m:1" } }\n`,
    "apps/web.yaml": "image: web:1\nscale:\n  max: 3\n",
    "apps/team/deep/cart.yml": "# the cart\nimage: cart:1\n",
    "apps/README.md": "not an app",
    "apps/_shared.yaml": "not: an app",
    "apps/.hidden.yaml": "not: an app",
    "apps/types.d.ts": "export {};",
    "apps/node_modules/x.yaml": "not: an app",
  };
  await loadIn(files, ({ tree, place, problems, sources, folders }, folder) => {
    expect(problems).toEqual([]);
    expect(names(tree)).toEqual(["main", "cart", "web"]);
    expect(tree.apps).toMatchObject({ web: { image: "web:1", scale: { max: 3 } } });
    const max = place(["apps", "web", "scale", "max"]);
    expect(max).toMatchObject({ line: 3, column: 3, path: "apps.web.scale.max" });
    expect(ends(max.file, 2)).toBe("apps/web.yaml");
    expect(place(["apps", "cart"])).toMatchObject({ line: 2, column: 1 });
    expect(place(["apps", "main", "image"])).toMatchObject({ line: 6 });
    expect(sources.map(({ path }) => path.slice(folder.length + 1))).toEqual([
      "landfall.config.yaml",
      "apps/team/deep/cart.yml",
      "apps/web.yaml",
    ]);
    expect(folders.map((path) => path.slice(folder.length + 1))).toEqual([
      "apps",
      "apps/team",
      "apps/team/deep",
    ]);
  });
});

const cart = `import { app } from "landfall";
import { prod } from "../platform.ts";
export const cart = app("cart", { image: "cart:1", ports: { http: 80 }, overrides: [prod.set({ args: ["x"] })] });
export default cart;
`;
const several = `import { app } from "landfall";
import cart from "./cart.ts";
export default [
  app("web", { image: "web:1", calls: [cart] }),
  app("admin", { image: "admin:1", env: { CART: cart.address() } }),
];
`;

test("TypeScript files give a handle or a list of them, which others import; YAML stands beside them", async () => {
  const files = {
    "landfall.config.ts": typescriptRoot,
    "platform.ts": platform,
    "apps/cart.ts": cart,
    "apps/shop/web.ts": several.replace("./cart.ts", "../cart.ts"),
    "apps/job.yaml": "image: job:1\ncalls: [cart]\n",
  };
  await loadIn(files, ({ tree, place, problems, sources }) => {
    expect(problems).toEqual([]);
    expect(names(tree)).toEqual(["cart", "web", "admin", "job"]);
    expect(tree.apps).toMatchObject({
      web: { calls: ["cart"] },
      admin: { env: { CART: { address: "cart" } } },
    });
    const calls = place(["apps", "web", "calls"]);
    expect([ends(calls.file, 2), calls.line]).toEqual(["shop/web.ts", 4]);
    const args = place(["apps", "cart", "overrides", 0, "set", "args"]);
    expect([ends(args.file, 2), args.line]).toEqual(["apps/cart.ts", 3]);
    expect(place(["apps", "job", "calls"])).toMatchObject({ line: 2 });
    expect(sources.map(({ path }) => ends(path, 1)).sort()).toEqual(
      expect.arrayContaining(["cart.ts", "job.yaml", "landfall.config.ts", "platform.ts", "web.ts"]),
    );
  });
}, 30_000);

test("a declaration in YAML may have apps in TypeScript; what their handles name, it declares or they do", async () => {
  const files = {
    "landfall.config.yaml": yamlRoot,
    "platform.ts": platform,
    "apps/cart.ts": cart
      .replace('image: "cart:1"', 'image: "cart:1", env: { KEY: secret("stripe") }')
      .replace("{ app }", "{ app, secret }"),
  };
  await loadIn(files, ({ tree, place, problems }) => {
    expect(problems).toEqual([]);
    expect(tree).toMatchObject({ company: "shop", environments: { prod: {} }, secrets: { stripe: {} } });
    expect(ends(place(["apps", "cart", "ports"]).file, 2)).toBe("apps/cart.ts");
    expect(ends(place(["environments", "prod"]).file, 1)).toBe("landfall.config.yaml");
  });
  const labelled = {
    ...files,
    "platform.ts": platform.replace('"prod")', '"prod", { labels: { tier: "x" } })'),
  };
  expect(await problemsOfLoading(labelled)).toEqual([
    "LF1008 platform.ts:2:21 `environments.prod` is declared twice",
  ]);
}, 30_000);

test("an app that several files declare is told with both places, in every mix of forms", async () => {
  const twice = "LF1008 apps/b/cart.yaml:1:1 two apps are named cart";
  const again = { "apps/b/cart.yaml": "image: cart:2\n" };
  const root = { "landfall.config.yaml": yamlRoot, "platform.ts": platform };
  expect(await problemsOfLoading({ ...root, "apps/a/cart.yaml": "image: cart:1", ...again })).toEqual([
    twice,
  ]);
  expect(
    await problemsOfLoading({ ...root, "apps/a/cart.ts": cart.replace("../", "../../"), ...again }),
  ).toEqual([twice]);
  const inMain = { "landfall.config.yaml": `${yamlRoot}apps:\n  cart: { image: "c:1" }\n` };
  expect(await problemsOfLoading({ ...inMain, ...again })).toEqual([twice]);
  const two = {
    ...root,
    "apps/a.ts": cart.replace("../", "./").replace("./platform", "../platform"),
    "apps/b.ts": cart,
  };
  expect(await problemsOfLoading(two)).toEqual(
    expect.arrayContaining(["LF1008 apps/b.ts:3:21 two apps are named cart"]),
  );
}, 30_000);

test("all files that cannot be read are told at once, in the files' order", async () => {
  const files: Record<string, string> = {
    "landfall.config.yaml": yamlRoot,
    "apps/a.yaml": "image: [\n",
    "apps/b.yaml": "image: a:1\nimage: b:1\n",
    "apps/c.yaml": "- a\n",
    "apps/d.yaml": "",
    "apps/e.yaml": "image: fine:1\n",
    "apps/bb.ts": "export default 1;\n",
    "apps/g.ts": "const = 1;\n",
    "apps/h.ts": "export default Date.now();\n",
    "apps/constructor.yaml": "image: x:1\n",
  };
  expect(await problemsOfLoading(files)).toEqual([
    "LF1001 apps/a.yaml:2:1 deficient indentation",
    "LF1008 apps/b.yaml:2:1 `image` is declared twice: keys must be unique",
    "LF1001 apps/bb.ts its default export is not an app(…) or a list of them",
    "LF1001 apps/c.yaml c.yaml does not hold an app",
    "LF1015 apps/constructor.yaml no app can be named constructor",
    "LF1001 apps/d.yaml it is empty",
    expect.stringMatching(/^LF1001 apps\/g\.ts:1:\d+ /),
    "LF1002 apps/h.ts:1:21 the declaration uses the clock (Date.now)",
  ]);
}, 30_000);

test("wrong keys and names of files are told at their places", async () => {
  const files = {
    "landfall.config.yaml": yamlRoot,
    "apps/Web_1.yaml": "image: x:1\n",
    "apps/cart.yaml": "name: cart\nimage: x:1\nscale:\n  mx: 3\n",
  };
  expect(await problemsOfLoading(files)).toEqual([
    expect.stringMatching(/^LF1015 apps\/Web_1.yaml:1:1 apps.Web_1: must be a DNS label/),
    "LF1004 apps/cart.yaml:4:3 unknown key `mx` in apps.cart.scale",
    "LF1004 apps/cart.yaml:1:1 unknown key `name` in apps.cart",
  ]);
});

test.each([
  ["missing", "nothing", "LF1012 landfall.config.yaml:3:11 "],
  ["a file", "file.txt", "LF1001 landfall.config.yaml:3:11 "],
  ["the declaration's own folder", ".", "LF1001 landfall.config.yaml:3:11 "],
  [
    "above",
    "../apps",
    "LF1003 landfall.config.yaml:3:11 include.0: must stay inside the declaration's folder",
  ],
  [
    "absolute",
    "/etc",
    "LF1003 landfall.config.yaml:3:11 include.0: must stay inside the declaration's folder",
  ],
])("an entry of include that is %s is told", async (_name, entry, said) => {
  const files = { "landfall.config.yaml": yamlRoot.replace("[apps]", `[${entry}]`), "file.txt": "" };
  expect(await problemsOfLoading(files)).toEqual([expect.stringContaining(said)]);
});

test("links are followed inside the declaration's folder and nowhere else", async () => {
  const files = {
    "shop/landfall.config.yaml": yamlRoot,
    "shop/apps/web.yaml": "image: web:1\n",
    "shop/more/cart.yaml": "image: cart:1\n",
    "outside/evil.yaml": "image: evil:1\n",
  };
  await inFolder(files, async (folder) => {
    const shop = join(folder, "shop");
    symlinkSync("../more", join(shop, "apps/more"));
    symlinkSync("../more/cart.yaml", join(shop, "apps/basket.yaml"));
    expect(names((await loadDeclaration(shop)).tree)).toEqual(["basket", "cart", "web"]);

    symlinkSync("../../outside", join(shop, "apps/out"));
    symlinkSync("../../outside/evil.yaml", join(shop, "apps/evil.yaml"));
    symlinkSync("/etc", join(shop, "apps/etc"));
    symlinkSync("../apps", join(shop, "apps/loop"));
    symlinkSync("nowhere", join(shop, "apps/gone.yaml"));
    mkdirSync(join(shop, "apps/nested"));
    symlinkSync("../..", join(shop, "apps/nested/up"));
    const refused = (await problemsIn(shop)).map((text) => text.replace(/^.*(?=apps\/)/, ""));
    expect(refused.sort()).toEqual(
      ["etc", "evil.yaml", "gone.yaml", "loop", "nested/up", "out"].map(
        (name) => `apps/${name} cannot be read as part of the estate`,
      ),
    );
  });
});

test("an estate of a thousand wrong files tells all of them, in order", async () => {
  await inFolder({ "landfall.config.yaml": yamlRoot }, async (folder) => {
    mkdirSync(join(folder, "apps"));
    const all = Array.from({ length: 1000 }, (_, i) => `app-${String(i).padStart(4, "0")}`);
    for (const name of all.toReversed())
      writeFileSync(join(folder, `apps/${name}.yaml`), "image: x:1\nscale: { mx: 1 }\n");
    const problems = await problemsIn(folder);
    expect(problems.map((text) => text.split(" ")[1])).toEqual(all.map((name) => `apps/${name}.yaml:2:10`));
  });
});
