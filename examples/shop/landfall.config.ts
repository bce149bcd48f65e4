import { app, company, environment, localCluster, secret } from "landfall";
import {
  alertmanager,
  coredns,
  flagger,
  flux,
  gatewayApiCrds,
  localPath,
  metrics,
  metricsServer,
  nodeExporter,
  prometheus,
  traefik,
} from "landfall/parts";

const dev = environment("dev");
const local = localCluster("local", { environment: dev, labels: { region: "home" } });

const redisPassword = secret("redis-password", { generate: 32, rotate: "90d" });

/** The fault switch of a service: all zero is well. Drills set one of them, on this line, and commit. */
const noFaults = { latencyMs: 0, errorRate: 0, memoryMbPerMinute: 0, cpuBurnPercent: 0 };

const redis = app("redis", {
  image: "docker.io/library/redis:7.0.15",
  recipe: { debian: ["redis-server"], version: "7.0.15" },
  command: ["redis-server"],
  args: ["--requirepass", "$(REDIS_PASSWORD)", "--dir", "/data", "--appendonly", "yes", "--save", ""],
  ports: { redis: 6379 },
  env: { REDIS_PASSWORD: redisPassword },
  volumes: { data: { path: "/data", size: "1Gi" } },
  resources: { cpu: "50m", memory: "64Mi" },
});

const cart = app("cart", {
  source: { path: "services/cart", shared: ["proto"] },
  ports: { grpc: 50051, metrics: 9464 },
  env: { REDIS_PASSWORD: redisPassword },
  config: { "faults.json": noFaults },
  calls: [redis],
  probes: { ready: { grpc: "grpc", service: "readiness" }, live: { grpc: "grpc", service: "liveness" } },
  slo: { availability: 99.9, latency: "250ms" },
});

const catalog = app("catalog", {
  source: { path: "services/catalog", shared: ["proto"] },
  ports: { grpc: 50051, metrics: 9464 },
  config: { "faults.json": noFaults },
  probes: { ready: { grpc: "grpc", service: "readiness" }, live: { grpc: "grpc", service: "liveness" } },
  resources: { cpu: "50m", memory: "96Mi" },
  slo: { availability: 99.9, latency: "250ms" },
});

const storefront = app("storefront", {
  source: { path: "services/storefront", shared: ["proto"] },
  ports: { http: 8080, metrics: 9464 },
  config: { "faults.json": noFaults },
  calls: [catalog, cart],
  expose: [{ host: "shop.localhost" }],
  probes: { ready: { http: "/readyz" }, live: { http: "/healthz" } },
  scale: { min: 1, max: 3, cpu: 80 },
  resources: { cpu: "100m", memory: "160Mi" },
  slo: { availability: 99.5, latency: "500ms" },
  // A new version gets growing shares of the visitors, and goes back by itself when it fails three checks.
  release: {
    canary: {
      steps: [10, 20, 30, 40, 50],
      interval: "10s",
      window: "30s",
      threshold: 3,
      metrics: { errorRate: "1%", latencyP99: "500ms", saturation: "45%" },
    },
  },
  versions: {
    fresh: { env: { BANNER: "Fresh in: storm lanterns, and rope by the fathom." } },
    bad: { config: { "faults.json": { ...noFaults, errorRate: 0.5 } } },
    slow: { config: { "faults.json": { ...noFaults, latencyMs: 900 } } },
    leaky: { config: { "faults.json": { ...noFaults, memoryMbPerMinute: 200 } } },
  },
});

const loadgen = app("loadgen", {
  source: { path: "services/loadgen" },
  ports: { metrics: 9464 },
  // Its visitors come in by the gateway, as everybody does: inside the cluster nobody meets a new version.
  env: { TARGET: "http://traefik.traefik", TARGET_HOST: "shop.localhost", RATE: 10, DURATION: "24h" },
  reaches: [{ to: "gateway" }],
  calls: [storefront],
  probes: { ready: { http: "/healthz", port: "metrics" } },
  resources: { cpu: "50m", memory: "128Mi" },
});

export default company("shop", {
  landfall: 2,
  domain: "shop.localhost",
  clusters: [local],
  waves: [{ name: "home", clusters: [local] }],
  parts: [
    flux(),
    gatewayApiCrds(),
    coredns(),
    localPath(),
    traefik(),
    prometheus({ retention: "2d", interval: "5s" }),
    alertmanager(),
    nodeExporter(),
    metrics(),
    metricsServer(),
    flagger(),
  ],
  apps: [redis, cart, catalog, storefront, loadgen],
});
