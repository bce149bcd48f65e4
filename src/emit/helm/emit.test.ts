/** What is exported, without helm. `UPDATE_GOLDEN=1` rewrites the golden; read its diff like code. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { compiled, yaml } from "../../compile/testing/declare.ts";
import { groupsOf } from "./groups.ts";
import { emitHelm } from "./index.ts";
import { type ChartValues, valuesSchema } from "./schema.ts";
import { hardApps } from "./testing/hard-apps.ts";

const files = async (apps: string, root = "") =>
  emitHelm(await compiled({ "landfall.config.yaml": yaml(apps, root) }));

const environments = `environments: { dev: {}, prod: {} }
clusters:
  home: { type: local, environment: dev }
  eu: { type: kubernetes, context: eu, environment: prod, labels: { region: eu } }
  us: { type: kubernetes, context: us, environment: prod, labels: { region: us } }
parts: { flux: {}, gateway-api: {}, traefik: {}, metrics-server: {} }`;

test("one app's files are as reviewed", async () => {
  const made = await files(
    `  web:
    image: ghcr.io/shop/web:1.4.2
    ports: { http: 8080, metrics: 9464 }
    env: { LOG_LEVEL: info, WORKERS: 4 }
    config: { app.json: { theme: dark } }
    calls: [api]
    expose: [{ host: shop.example.com }]
    overrides: [{ where: { environment: prod }, set: { scale: { min: 3, max: 12 } } }]
  api:
    image: ghcr.io/shop/api:2.0.0
    ports: { grpc: 50051 }
    after: [web]
`,
    environments,
  );
  const shown = [...made].filter(([path]) => /web|clusters\/eu|README/.test(path));
  const text = shown.map(([path, content]) => `##### ${path}\n${content}`).join("\n");
  const golden = new URL("golden/web.txt", import.meta.url);
  if (process.env.UPDATE_GOLDEN) writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, "utf8"));
});

test("every app has a file for each environment, and more only where its clusters differ", async () => {
  const override = "overrides: [{ where: { region: us }, set: { args: [--us] } }]";
  const made = await files(`  a: { image: "a:1", ${override} }\n  b: { image: "b:1" }\n`, environments);
  expect([...made.keys()].filter((path) => path.startsWith("values/"))).toEqual([
    "values/a/dev.yaml",
    "values/a/prod.eu.yaml",
    "values/a/prod.us.yaml",
    "values/b/dev.yaml",
    "values/b/prod.yaml",
  ]);
  const releases = (cluster: string) =>
    parse(made.get(`clusters/${cluster}/helmfile.yaml`) ?? "").releases.map(
      ({ values }: { values: string[] }) => values[0],
    );
  expect(releases("us")).toEqual(["../../values/a/prod.us.yaml", "../../values/b/prod.yaml"]);
});

test("clusters without an environment are grouped as well", () => {
  const placed = (cluster: string, key: string) => ({ cluster, environment: undefined, key });
  expect(groupsOf([placed("a", "1"), placed("b", "1")]).map(({ name }) => name)).toEqual(["default"]);
  expect(groupsOf([placed("a", "1"), placed("b", "2"), placed("c", "1")])).toEqual([
    { name: "default.a", key: "1", clusters: ["a", "c"] },
    { name: "default.b", key: "2", clusters: ["b"] },
  ]);
});

test("all values are what the chart's schema takes, its own defaults among them", async () => {
  const made = emitHelm(await compiled({ "landfall.config.yaml": hardApps }));
  const paths = [...made.keys()].filter((path) => path.startsWith("values/"));
  expect(paths.length).toBeGreaterThan(20);
  for (const path of [...paths, "chart/values.yaml"])
    expect(valuesSchema.safeParse(parse(made.get(path) ?? "")).error, path).toBeUndefined();
});

test("a chart of an app with those it calls avoids the names that Helm has a use for", async () => {
  const made = await files(
    '  web: { image: "w:1", calls: [global] }\n  global: { image: "g:1", ports: { http: 1 } }\n',
  );
  const { dependencies } = parse(made.get("apps/web/Chart.yaml") ?? "");
  expect(dependencies.map(({ alias }: { alias: string }) => alias)).toEqual(["web", "_global"]);
  expect(parse(made.get("apps/web/values.yaml") ?? "")).toEqual({ _global: { enabled: false } });
});

test("an image is split where its registry has a port, and with a digest", async () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const images = [`r:5000/a/b:1@${digest}`, `r:5000/a/b@${digest}`, "r:5000/a/b:1", "b:1.2-x"];
  const apps = images.map((image, i) => `  a${i}: { image: "${image}" }\n`).join("");
  const made = await files(apps);
  const split = images.map(
    (_, i) => (parse(made.get(`values/a${i}/default.yaml`) ?? "") as ChartValues).image,
  );
  expect(split).toEqual([
    { repository: "r:5000/a/b", tag: "1", digest },
    { repository: "r:5000/a/b", digest },
    { repository: "r:5000/a/b", tag: "1" },
    { repository: "b", tag: "1.2-x" },
  ]);
});
