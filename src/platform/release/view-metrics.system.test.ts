/** The metrics that judge a canary, asked again for people: real objects, real Prometheus. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../cluster/client.ts";
import { hasApiServer } from "../../cluster/testing/api-server.ts";
import { findProgram } from "../../cluster/testing/programs.ts";
import { useApiServer } from "../../cluster/testing/use-api-server.ts";
import type { Look } from "./engine.ts";
import { reachClusters } from "./observe.ts";
import { installFlagger } from "./testing/flagger.ts";
import { type RunningPrometheus, startPrometheus } from "./testing/prometheus.ts";
import { canaryMetrics } from "./view-metrics.ts";

const prometheus = findProgram("prometheus");
const api = { apiVersion: "flagger.app/v1beta1" };
const judged = { phase: "Progressing", weight: 10, failedChecks: 0 };
const workload = { kind: "Deployment", namespace: "shop", name: "web" };

/** A look that saw the app's canary in this phase. */
function lookAt(phase: string): Look {
  const rest = { template: "v1", asked: "v2", finished: false, failure: undefined, lines: [] };
  const workloads = [{ ...workload, ...rest, canary: { ...judged, phase } }];
  const flux = { applied: "a", attempted: "b", ready: false, failure: undefined };
  const cluster = { reachable: true, answeredAt: 0, bundles: { "app-web": { ...flux, workloads } } };
  return { head: "h", releases: [], seen: { clusters: { c: cluster }, pointers: {}, gates: [] }, at: 0 };
}

describe.skipIf(!hasApiServer() || !prometheus)("metrics of canaries", { timeout: 300_000 }, () => {
  const cluster = useApiServer();
  let store: RunningPrometheus;
  beforeAll(async () => {
    if (prometheus) store = await startPrometheus(prometheus);
    store.expose('errors{namespace="shop",app="web",role="canary"} 12.3456\nempty NaN\n');
    await cluster.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    await installFlagger(cluster.client);
    const template = (name: string, query: string) =>
      cluster.client.apply({
        ...{ ...api, kind: "MetricTemplate", metadata: { name, namespace: "shop" } },
        spec: { provider: { type: "prometheus", address: store.url }, query },
      });
    await template("errors", 'max(errors{namespace="{{ namespace }}",app="{{target}}",role="canary"})');
    await template("latency", "count_over_time(errors[{{ interval }}]) > 0");
    await template("empty", "empty");
    await template("bad", "sum(");
    const metric = (name: string, range: object) => ({
      ...{ name, interval: "1m", thresholdRange: range, templateRef: { name, namespace: "shop" } },
    });
    await cluster.client.apply({
      ...{ ...api, kind: "Canary", metadata: { name: "web", namespace: "shop" } },
      spec: {
        targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        service: { port: 80 },
        analysis: {
          ...{ interval: "10s", threshold: 5, stepWeight: 10 },
          metrics: [
            metric("errors", { max: 1 }),
            metric("latency", { min: 1 }),
            metric("empty", { max: 1 }),
            metric("bad", { max: 1 }),
            metric("gone", { max: 1 }),
          ],
        },
      },
    });
  }, 60_000);
  afterAll(() => store?.stop());

  test("each with its value and limit, while it is judged and only then", async () => {
    const { kubeconfig } = cluster.server;
    const clusters = reachClusters([
      {
        ...{ name: "c", namespace: "flux-system", metricsUrl: store.url, alertsUrl: undefined },
        connect: () => connect({ kubeconfig }),
      },
    ]);
    const errors = async () => (await canaryMetrics(clusters, lookAt("Progressing"))).c?.[0]?.value;
    await expect.poll(errors, { timeout: 60_000 }).toBe("12.35");
    expect(await canaryMetrics(clusters, lookAt("Progressing"))).toEqual({
      c: [
        { name: "errors", value: "12.35", limit: "≤ 1", within: false },
        { name: "latency", value: expect.stringMatching(/^\d+$/), limit: "≥ 1", within: true },
        { name: "empty", value: "no data", limit: "≤ 1", within: false },
        { name: "bad", value: "no answer", limit: "≤ 1", within: false },
        { name: "gone", value: "no query", limit: "≤ 1", within: false },
      ],
    });
    expect(await canaryMetrics(clusters, lookAt("Succeeded"))).toEqual({});
    clusters.close();
  });
});
