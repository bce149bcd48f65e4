/** Gates asked of a real Prometheus, directly and through an API server's proxy to its Service. */
import { createServer, type Server } from "node:http";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../cluster/client.ts";
import { freePorts, hasApiServer, startApiServer } from "../../cluster/testing/api-server.ts";
import { findProgram } from "../../cluster/testing/programs.ts";
import type { PlacedApp } from "../../kit/index.ts";
import { sloRules } from "../../parts/metrics/slo-rules.ts";
import type { Gate } from "../../release/gate.ts";
import type { Release } from "../../release/index.ts";
import { askGates } from "./gates.ts";
import { type Clusters, reachClusters } from "./observe.ts";
import { type RunningPrometheus, startPrometheus } from "./testing/prometheus.ts";

const prometheus = findProgram("prometheus");
const workload = (name: string) => ({ kind: "Deployment", namespace: "shop", name });
const release = {
  id: "r",
  moves: [{ to: { path: "p", revision: "v", workloads: [workload("web"), workload("api")] } }],
} as unknown as Release;

/** A cluster whose API server nobody asks: its metrics store is a process of this machine. */
function reach(metricsUrl: string | undefined, kubeconfig?: string): Clusters {
  const client = { close: () => undefined } as ReturnType<typeof connect>;
  const open = () => (kubeconfig ? connect({ kubeconfig }) : client);
  return reachClusters([
    { name: "c", namespace: "flux-system", connect: open, metricsUrl, alertsUrl: undefined },
  ]);
}

const ask = async (gate: Gate, clusters: Clusters) => {
  const question = { release: "r", wave: 0, gate, step: 7, clusters: ["c"] };
  const answers = await askGates([question], [release], clusters);
  expect(answers).toHaveLength(1);
  expect(answers[0]).toMatchObject({ release: "r", wave: 0, gate: gate.id, step: 7 });
  return answers[0];
};
const promql = (query: string, limits: { min?: number; max?: number } = { max: 1 }): Gate => ({
  ...{ id: "query", type: "promql", query, scope: "wave" },
  ...limits,
});

/** An address where nothing listens. */
const nobody = async () => `http://127.0.0.1:${(await freePorts(1))[0]}`;

describe.skipIf(!prometheus)("gates about metrics", { timeout: 300_000 }, () => {
  let store: RunningPrometheus;
  const app = (name: string): PlacedApp =>
    ({
      name,
      namespace: "shop",
      ports: [],
      spec: { slo: { availability: 99, latency: "500ms" } },
    }) as unknown as PlacedApp;
  const counters = (name: string, good: number, bad: number) =>
    [good, bad]
      .map((count, i) => {
        const code = i === 0 ? 200 : 500;
        return `http_server_request_duration_seconds_count{app="${name}",namespace="shop",http_response_status_code="${code}"} ${count}\n`;
      })
      .join("");
  const gauges = `fill{disk="a"} 0.5\nfill{disk="b"} 0.95\nempty NaN\n`;

  beforeAll(async () => {
    if (!prometheus) return;
    store = await startPrometheus(prometheus, { groups: [sloRules(app("web")), sloRules(app("api"))] });
    store.expose(gauges);
  }, 60_000);
  afterAll(() => store?.stop());

  test("all samples must be within the limits; no data and NaN wait", async () => {
    const clusters = reach(store.url);
    await expect
      .poll(async () => (await ask(promql("fill"), clusters))?.result, { timeout: 60_000 })
      .toBe("holds");
    const cases: [Gate, object][] = [
      [promql("fill"), { result: "holds", value: '0.95 {disk="b",instance="', limit: "≤ 1" }],
      [promql("fill", { max: 0.9 }), { result: "fails", value: '0.95 {disk="b"', limit: "≤ 0.9" }],
      [promql("fill", { min: 0.6 }), { result: "fails", value: '0.5 {disk="a"', limit: "≥ 0.6" }],
      [promql("fill", { min: 0.1, max: 0.96 }), { result: "holds", value: "0.95", limit: "0.1 to 0.96" }],
      [promql("nothing_there"), { result: "waits", value: "no data" }],
      [promql("empty"), { result: "waits", value: "no number" }],
      [promql("sum(fill) / 0"), { result: "fails", value: "Infinity" }],
      [promql("scalar(sum(fill))", { max: 2 }), { result: "holds", value: "1.45" }],
      [promql("sum("), { result: "waits", value: "no data: " }],
      [promql("fill[1m]"), { result: "waits", value: "no data: the query gives a matrix" }],
    ];
    for (const [gate, { value, ...wanted }] of cases as [Gate, { value: string }][]) {
      const answer = await ask(gate, clusters);
      expect(answer).toMatchObject({ cluster: "c", query: (gate as { query: string }).query, ...wanted });
      expect(answer?.value).toContain(value);
    }
  });

  test("a store that does not answer, is not there, or hides behind a redirect gives no data", async () => {
    const moved = createServer((_, answer) => answer.writeHead(302, { Location: store.url }).end());
    await new Promise<void>((done) => moved.listen(0, "127.0.0.1", done));
    const { port } = moved.address() as { port: number };
    for (const [url, why] of [
      [undefined, "it has no metrics store"],
      [await nobody(), "ECONNREFUSED"],
      [`http://127.0.0.1:${port}`, "it answers 302"],
    ] as const) {
      const answer = await ask(promql("fill"), reach(url));
      expect(answer).toMatchObject({ result: "waits", value: expect.stringContaining(why) });
    }
    moved.close();
  });

  test("a burn rate is the share of failed requests by what each app has promised", async () => {
    const clusters = reach(store.url);
    const burn = (max: number): Gate => ({ id: "burn", type: "burnRate", max, window: "5m", scope: "wave" });
    const result = async (max: number) => (await ask(burn(max), clusters))?.result;
    // The promise is known, requests are not: that is no success.
    await expect
      .poll(async () => (await ask(burn(1000), clusters))?.value, { timeout: 60_000 })
      .toMatch(/no number \{app="(api|web)",namespace="shop"\}/);
    expect(await result(1000)).toBe("waits");
    let good = 0;
    const serve = setInterval(() => {
      good += 98;
      // 2 % of web's fail, and none of api's: twice as fast as a promise of 99 % allows.
      store.expose(gauges + counters("web", good, good / 49) + counters("api", good, 0));
    }, 250);
    await expect.poll(() => result(2.5), { timeout: 60_000 }).toBe("holds");
    clearInterval(serve);
    expect(await ask(burn(1.5), clusters)).toMatchObject({
      result: "fails",
      value: expect.stringMatching(/^(2|1\.9\d*|2\.0\d*) \{app="web",namespace="shop"\}$/),
      limit: "≤ 1.5",
    });
  });
});

const address = Object.values(networkInterfaces())
  .flat()
  .find((own) => own?.family === "IPv4" && !own.internal)?.address;

test.skipIf(!prometheus || !hasApiServer() || !address)(
  "a cluster's own store is asked through its API server",
  { timeout: 120_000 },
  async () => {
    const store = prometheus && (await startPrometheus(prometheus, { address: address ?? "" }));
    const server = await startApiServer();
    const client = connect({ kubeconfig: server.kubeconfig });
    try {
      const port = Number(new URL(store?.url ?? "").port);
      const metadata = { name: "prometheus", namespace: "default" };
      const ports = [{ name: "http", port, protocol: "TCP" }];
      await client.apply({ apiVersion: "v1", kind: "Service", metadata, spec: { ports } });
      // Only addresses of pods are proxied to.
      const pod = { apiVersion: "v1", kind: "Pod" };
      await client.apply({ ...pod, metadata, spec: { containers: [{ name: "main", image: "x" }] } });
      const status = { podIP: address, podIPs: [{ ip: address }] };
      await client.patch(pod, metadata, { status }, { subresource: "status" });
      const targetRef = { kind: "Pod", ...metadata };
      const subsets = [{ addresses: [{ ip: address, targetRef }], ports }];
      await client.apply({ apiVersion: "v1", kind: "Endpoints", metadata, subsets });
      const inCluster = `http://prometheus.default.svc.cluster.local:${port}`;
      const clusters = reach(inCluster, server.kubeconfig);
      await expect
        .poll(() => ask(promql("vector(0.25)"), clusters), { timeout: 60_000 })
        .toMatchObject({ result: "holds", value: "0.25" });
      expect(await ask(promql("sum("), clusters)).toMatchObject({ result: "waits" });
      clusters.close();
    } finally {
      client.close();
      await server.stop();
      await store?.stop();
    }
  },
);

describe("gates of other systems", () => {
  let server: Server;
  let status = 200;
  beforeAll(async () => {
    server = createServer((request, answer) => {
      if (request.url === "/moved") return answer.writeHead(302, { Location: "/" }).end();
      answer.writeHead(status).end("x".repeat(10_000));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  });
  afterAll(() => server.close());
  const url = (path: string) => `http://127.0.0.1:${(server.address() as { port: number }).port}${path}`;
  const http = (path: string) => ask({ id: "external", type: "http", url: url(path) }, reach(undefined));

  test("2xx holds, other 4xx fail, all else waits", async () => {
    const said: Record<number, string | undefined> = {};
    for (status of [200, 204, 304, 400, 404, 408, 425, 429, 500, 503])
      said[status] = (await http("/"))?.result;
    expect(said).toEqual({
      ...{ 200: "holds", 204: "holds", 304: "waits", 400: "fails", 404: "fails" },
      ...{ 408: "waits", 425: "waits", 429: "waits", 500: "waits", 503: "waits" },
    });
  });

  test("a redirect is not followed, and nobody there is no answer", async () => {
    status = 200;
    expect(await http("/moved")).toMatchObject({ result: "waits", value: "HTTP 302", cluster: undefined });
    const gate: Gate = { id: "external", type: "http", url: await nobody() };
    expect(await ask(gate, reach(undefined))).toMatchObject({
      result: "waits",
      value: expect.stringContaining("ECONNREFUSED"),
    });
  });
});
