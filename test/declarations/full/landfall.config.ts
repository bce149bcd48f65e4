import { app, company, environment, kubernetesCluster, localCluster, override, secret } from "landfall";
import {
  coredns,
  externalDns,
  flagger,
  flux,
  gatewayApiCrds,
  loadTester,
  localPath,
  metricsServer,
  prometheus,
  traefik,
} from "landfall/parts";

const dev = environment("dev");
const prod = environment("prod", { labels: { tier: "prod" } });
const local = localCluster("local", { environment: dev, ports: { http: 8088 } });
const eu = kubernetesCluster("eu", { context: "prod-eu", environment: prod, labels: { region: "eu" } });
const us = kubernetesCluster("us", {
  context: "prod-us",
  environment: prod,
  labels: { region: "us" },
  dns: { weight: 3, addresses: ["192.0.2.10"], probe: "http://192.0.2.10/healthz" },
});

const stripe = secret("stripe", { generate: 32, rotate: "90d" });

const store = app("store", {
  image: "docker.io/library/redis:7.0.15",
  recipe: { debian: ["redis-server"], version: "7.0.15" },
  command: ["redis-server"],
  namespace: "data",
  ports: { redis: 6379 },
  volumes: { data: { path: "/data", size: "1Gi" } },
});

const api = app("api", {
  source: { path: "services/api" },
  ports: { grpc: 50051, metrics: 9464 },
  env: { STRIPE: stripe, STRIPE_ID: stripe.key("id"), STORE: store.address("redis"), DEBUG: false, RATE: 2 },
  after: [store],
  probes: { ready: { grpc: "grpc" }, startSeconds: 30 },
  expose: [{ host: "api.shop.localhost" }],
  slo: { availability: 99.9, latency: "250ms" },
});

const web = app("web", {
  image: "nginx:1.27",
  ports: { http: 8080 },
  calls: [api],
  config: { "app.json": { theme: "dark" }, "motd.txt": "hello\n" },
  volumes: { cache: { path: "/cache", size: "100Mi", ephemeral: true } },
  expose: [{ host: "shop.localhost" }, { host: "shop.localhost", path: "/about" }],
  scale: { min: 1, max: 3, cpu: 80 },
  probes: { ready: { http: "/readyz" }, live: { http: "/healthz", port: "http" } },
  versions: { bad: { env: { FAULT: "1" } } },
  overrides: [
    dev.set({ scale: { max: 1 } }),
    prod.set({ scale: { min: 3, max: 12 }, env: { LOG_LEVEL: "warn", STRIPE: stripe }, args: ["--fast"] }),
  ],
});

const checkout = app("checkout", {
  image: "checkout:1",
  ports: { http: 8080, metrics: 9464 },
  expose: [
    { host: "pay.shop.localhost", path: "/pay" },
    { host: "pay-2.shop.localhost", path: "/pay" },
  ],
  scale: { min: 2, max: 2 },
  release: {
    canary: {
      steps: [10, 25, 50],
      metrics: {
        errorRate: "0.5%",
        saturation: "90%",
        custom: [{ name: "queue-age", query: 'max(queue_age_seconds{app="{{ target }}"})', max: 30 }],
      },
      acceptance: "curl -sf {{ url }}/pay/healthz",
      loadTest: { url: "http://tester.test/", metadata: { type: "cmd" } },
      hooks: [{ name: "gate", type: "confirm-promotion", url: "http://gate.test/" }],
    },
  },
  overrides: [
    prod.set({ release: { canary: { threshold: 10, alert: "page" } } }),
    override({ region: "us" }, { release: { canary: null, rolling: {} } }),
  ],
});

const search = app("search", {
  image: "search:1",
  ports: { http: 8080 },
  expose: [{ host: "search.shop.localhost" }],
  release: {
    abTest: {
      iterations: 5,
      match: [{ headers: { "x-user": "insider" } }, { cookie: { name: "beta", value: "always" } }],
    },
  },
});

const quotes = app("quotes", {
  image: "quotes:1",
  ports: { grpc: 50051, metrics: 9464 },
  release: { blueGreen: { iterations: 3, loadTest: { command: "load {{ url }}", timeout: "10s" } } },
});

const batch = app("batch", {
  image: "batch:1",
  on: { labels: { region: "eu" } },
  reaches: [{ to: "internet" }, { to: "203.0.113.0/24", ports: [5432] }],
  raw: [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "extra", namespace: "shop" }, data: { a: "b" } },
  ],
});

export default company("shop", {
  landfall: 2,
  domain: "shop.localhost",
  clusters: [local, eu, us],
  parts: [
    flux(),
    gatewayApiCrds(),
    coredns(),
    localPath(),
    traefik({ replicas: 2 }),
    metricsServer(),
    prometheus({ retention: "2d" }),
    flagger({ logLevel: "debug" }),
    loadTester({ timeout: "5m" }),
    externalDns({
      hub: "eu",
      provider: "pdns",
      server: "192.0.2.53",
      weights: "weights.shop.localhost",
      ttl: "30s",
    }),
  ],
  waves: [
    { name: "home", clusters: [local], gates: [{ soak: "1m" }] },
    {
      name: "europe",
      labels: { region: "eu" },
      gates: [
        { soak: "10m" },
        { promql: "sum(rate(errors[5m]))", max: 0.01, on: "updated" },
        { burnRate: 2, window: "5m" },
        { hours: { days: ["mon", "tue"], from: "09:00", until: "16:00", zone: "Europe/Berlin" } },
        { approval: { by: ["ada@example.com"], count: 1 } },
        { http: "https://change.example.com/may-release" },
      ],
      maxUnavailable: 1,
    },
    { name: "others", rest: true, concurrency: 2, timeout: "5m" },
  ],
  releases: {
    onFailure: "wave",
    approvers: ["ada@example.com", "bob@example.com"],
    freezes: [{ from: "2026-12-20", until: "2026-12-27", reason: "holidays", apps: [web], clusters: [eu] }],
  },
  apps: [store, api, web, checkout, search, quotes, batch],
});
