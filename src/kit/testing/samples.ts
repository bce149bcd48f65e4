/** What parts are rendered with in their own tests: a value for every token, and three apps unlike each other. */
import { type AppSpecInput, appSchema } from "../../model/app.ts";
import type { AppPort, PlacedApp } from "../placed-app.ts";
import type { Token } from "../token.ts";
import {
  alertSink,
  blockStorage,
  canaryMetrics,
  clusterDns,
  delivery,
  dnsZone,
  gateway,
  gatewayApi,
  metricsStore,
  progressiveDelivery,
  releaseTester,
  resourceMetrics,
} from "../tokens.ts";

const sample = <T>(of: Token<T>, value: T): [string, T] => [of.id, value];
const podsOf = (part: string) => ({ namespace: part, labels: { "landfall.dev/part": part } });

/** A sample value by token id. The names are made up, so that no part can rely on the one that usually provides it. */
export const samples: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  sample(gatewayApi, { channel: "standard" }),
  sample(gateway, {
    name: "front-door",
    namespace: "edge",
    httpListener: "http",
    url: "http://front-door.edge",
    pods: podsOf("edge"),
  }),
  sample(clusterDns, { ip: "10.96.0.53", port: 1053, pods: podsOf("names") }),
  sample(metricsStore, {
    url: "http://store.example.svc.cluster.local:9000",
    pods: podsOf("store"),
    scrapeMs: 15_000,
  }),
  sample(alertSink, { host: "sink.example.svc.cluster.local", port: 9099, pods: podsOf("sink") }),
  sample(resourceMetrics, { apiService: "v1beta1.metrics.k8s.io" }),
  sample(blockStorage, { storageClass: "sample-disk" }),
  sample(delivery, { namespace: "delivery" }),
  sample(progressiveDelivery, {
    provider: "steps",
    pods: podsOf("steps"),
    tester: undefined,
    metrics: { url: "http://store.example.svc.cluster.local:9000", gateway: "edge" },
    objectsOf: () => [],
  }),
  sample(releaseTester, { url: "http://tester.example:9000/", pods: podsOf("tests") }),
  sample(dnsZone, {
    zones: ["example.com"],
    hub: "here",
    namespace: "names",
    ttl: 60,
    weightsZone: undefined,
    owner: "sample-here",
    server: { host: "192.0.2.53", port: 53 },
  }),
  sample(canaryMetrics, {
    name: "edge",
    requestsTo: ({ namespace, service, port }) => {
      const of = `backend="${namespace}/${service}:${port}"`;
      return {
        total: `edge_requests_total{${of}}`,
        failed: `edge_requests_total{${of},code=~"5.."}`,
        buckets: `edge_request_duration_seconds_bucket{${of}}`,
      };
    },
  }),
]);

/** A placed app from what its declaration says; the port named `metrics` is the one scraped. */
export function sampleApp(name: string, ports: AppPort[], declared: AppSpecInput = {}): PlacedApp {
  const metricsPort = ports.find((port) => port.name === "metrics");
  return {
    name,
    namespace: "acme",
    spec: appSchema.parse(declared),
    ports,
    image: `registry.localhost/acme/${name}:1`,
    callers: [],
    callees: [],
    shares: [],
    answersForOthers: false,
    metrics: metricsPort && { port: metricsPort, path: "/metrics" },
  };
}

const metricsPort: AppPort = { name: "metrics", port: 9464, protocol: "http" };

/** One app that speaks HTTP, one that speaks gRPC, one that promises nothing. */
export const sampleApps: readonly PlacedApp[] = [
  sampleApp("api", [{ name: "http", port: 8080, protocol: "http" }, metricsPort], {
    slo: { availability: 99.5, latency: "500ms" },
  }),
  sampleApp("ledger", [{ name: "grpc", port: 50051, protocol: "grpc" }, metricsPort], {
    slo: { availability: 99.9, latency: "250ms" },
  }),
  sampleApp("worker", [], {}),
];
