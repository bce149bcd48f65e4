import { expect, test } from "vitest";
import { compiled, problemsIn, yaml } from "./testing/declare.ts";

const parts = "parts: { flux: {}, local-path: {} }";
const apps = (name: string) => `  ${name}:
    image: redis:7
    ports: { redis: 6379 }
    env: { OWN: { address: ${name} } }
    volumes: { data: { path: /data, size: 1Gi } }
  web: { image: "nginx:1.27", ports: { http: 8080 }, calls: [${name}], env: { STORE: { address: ${name} } } }
`;
const planOf = (name: string, root = "") =>
  compiled({ "landfall.config.yaml": yaml(apps(name), `${parts}\n${root}`) });
const bundles = async (plan: ReturnType<typeof planOf>) =>
  new Map((await plan).clusters[0]?.bundles.map((bundle) => [bundle.name, bundle]));

test("a renamed app keeps its objects, to the byte, and so do its callers", async () => {
  const before = await bundles(planOf("cache"));
  const after = await bundles(planOf("store", "moved: [{ from: cache, to: store }]"));
  expect(after.get("app-store")?.objects).toEqual(before.get("app-cache")?.objects);
  expect(after.get("app-store")).toMatchObject({ owner: "store", place: { path: "apps.store" } });
  expect(after.get("app-web")?.objects).toEqual(before.get("app-web")?.objects);
  expect(after.has("app-cache")).toBe(false);
});

test("without `moved` the name goes into everything", async () => {
  const after = await bundles(planOf("store"));
  expect(JSON.stringify(after.get("app-store")?.objects)).not.toContain("cache");
});

test("a rename must lead to an app, from one that is gone", async () => {
  const files = (moved: string) => ({
    "landfall.config.yaml": yaml(apps("store"), `${parts}\nmoved: [${moved}]`),
  });
  expect(await problemsIn(files("{ from: cache, to: stor }"))).toMatchObject([{ code: "LF1005" }]);
  expect(await problemsIn(files("{ from: web, to: store }"))).toMatchObject([{ code: "LF1016" }]);
});
