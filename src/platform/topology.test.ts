import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { compile } from "../compile/index.ts";
import { yaml } from "../compile/testing/declare.ts";
import { edgesOf, type Graph } from "../graph/graph.ts";
import { waves } from "../graph/order.ts";
import { registry } from "../parts/index.ts";
import { inFolder } from "../util/testing/in-folder.ts";
import { openGraph, openRollout } from "./graph.ts";

const clusters = `environments: { dev: {}, prod: {} }
clusters:
  eu: { type: kubernetes, context: eu, environment: prod, labels: { region: eu } }
  dev: { type: kubernetes, context: dev, environment: dev }
secrets: { key: { generate: 32 } }
parts: { flux: {}, gateway-api: {}, traefik: {}, metrics-server: {}, local-path: {}, prometheus: {} }`;

const apps = `  web:
    image: web:1
    ports: { http: 80 }
    labels: { tier: web }
    calls: [api]
    expose: [{ host: shop.localhost }, { host: www.localhost, path: /shop }]
    scale: { min: 1, max: 3 }
    weights: { beta: 10 }
    overrides:
      - where: { environment: dev }
        set: { env: { CACHE: { address: cache } } }
  beta: { image: "beta:1", ports: { http: 80 } }
  api:
    image: api:1
    ports: { http: 80 }
    calls: [web]
    after: [cache]
    env: { KEY: { secret: key }, CACHE: { address: cache } }
  cache:
    image: cache:1
    ports: { redis: 6379 }
    volumes: { data: { path: /data, size: 1Gi }, tmp-files: { path: /t, size: 1Mi, ephemeral: true } }
  job: { image: "job:1", on: { clusters: [eu] }, env: { K: { secret: key, key: id } } }
`;

const graphOf = (cluster?: string) =>
  inFolder({ "landfall.config.yaml": yaml(apps, clusters) }, async (folder) => {
    const { graph } = await openGraph(folder, cluster === undefined ? {} : { cluster });
    return graph;
  });

const lines = (graph: Graph) =>
  edgesOf(graph).map(
    ({ from, kind, to, label }) => `${from} ${kind} ${to}${label === undefined ? "" : ` (${label})`}`,
  );

test("edges come from calls, addresses, after, tokens, secrets, volumes, hosts and weights", async () => {
  expect(lines(await graphOf()).toSorted()).toEqual(
    [
      "app/api after app/cache",
      "app/api calls app/cache",
      "app/api calls app/web",
      "app/api reads secret/key (KEY)",
      "app/cache keeps volume/cache/data (/data)",
      "app/cache needs part/local-path (blockStorage)",
      "app/job reads secret/key (K)",
      "app/web calls app/api",
      "app/web calls app/cache",
      "app/web needs part/metrics-server (resourceMetrics)",
      "app/web needs part/traefik (gateway)",
      "host/shop.localhost routes app/beta (/ 10 %)",
      "host/shop.localhost routes app/web (/)",
      "host/www.localhost routes app/beta (/shop 10 %)",
      "host/www.localhost routes app/web (/shop)",
      "part/flux uses part/prometheus (metricsStore)",
      "part/prometheus uses part/local-path (blockStorage)",
      "part/prometheus uses part/traefik (gateway)",
      "part/traefik needs part/gateway-api (gatewayApi)",
      "part/traefik uses part/prometheus (metricsStore)",
    ].toSorted(),
  );
});

describe("on one cluster", () => {
  test("only what runs there, as it is there", async () => {
    const [all, eu, dev] = await Promise.all([graphOf(), graphOf("eu"), graphOf("dev")]);
    expect(lines(all)).toContain("app/web calls app/cache");
    expect(lines(eu)).not.toContain("app/web calls app/cache");
    expect(lines(dev)).toContain("app/web calls app/cache");
    expect(eu.indexOf.has("app/job")).toBe(true);
    expect(dev.indexOf.has("app/job")).toBe(false);
    expect(all.nodes.find(({ id }) => id === "app/job")).toMatchObject({
      clusters: ["eu"],
      namespace: "shop",
    });
    expect(all.nodes.find(({ id }) => id === "app/cache")).toMatchObject({
      stateful: true,
      clusters: ["dev", "eu"],
    });
  });
});

const examples = ["examples/shop", "test/declarations/full/landfall.config.yaml", "test/golden/company"];

test.each(examples)("the order of %s agrees with what its Kustomizations wait for", async (name) => {
  const path = fileURLToPath(new URL(`../../${name}`, import.meta.url));
  const plan = await compile(path, { registry });
  let waits = 0;
  for (const cluster of plan.clusters) {
    const { graph } = await openRollout(path, { cluster: cluster.name });
    const order = waves(graph, ["calls", "needs", "after"]);
    expect(order.waves.flat()).toHaveLength(graph.nodes.length);
    const waveOf = (bundle: string) =>
      order.waves.findIndex((nodes) =>
        nodes.some((n) => graph.nodes[n]?.id === bundle.replace(/^(app|part)-/, "$1/")),
      );
    for (const bundle of cluster.bundles.filter(({ kind }) => kind !== "secrets")) {
      for (const other of bundle.after.filter((after) => !after.startsWith("secrets-"))) {
        waits++;
        expect(waveOf(other), `${other} before ${bundle.name}`).toBeLessThan(waveOf(bundle.name));
      }
    }
  }
  expect(waits).toBeGreaterThan(0);
});
