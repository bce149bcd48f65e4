import { app, company, environment, kubernetesCluster, localCluster, secret } from "landfall";
import { coredns, flux, gatewayApiCrds, localPath, metricsServer, prometheus, traefik } from "landfall/parts";

const dev = environment("dev");
const prod = environment("prod", { labels: { tier: "prod" } });
const local = localCluster("local", { environment: dev, ports: { http: 8088 } });
const eu = kubernetesCluster("eu", { context: "prod-eu", environment: prod, labels: { region: "eu" } });
const us = kubernetesCluster("us", { context: "prod-us", environment: prod, labels: { region: "us" } });

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
  overrides: [
    dev.set({ scale: { max: 1 } }),
    prod.set({ scale: { min: 3, max: 12 }, env: { LOG_LEVEL: "warn", STRIPE: stripe }, args: ["--fast"] }),
  ],
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
  ],
  apps: [store, api, web, batch],
});
