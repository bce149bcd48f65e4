/** The files `landfall init` writes: a declaration to grow from, and one app that runs. */

/** The declaration in TypeScript, every line of it commented where it may be unclear. */
export function typeScriptDeclaration(name: string, host: string): Record<string, string> {
  return {
    "landfall.config.ts": `import { app, company, environment, localCluster } from "landfall";
import { alertmanager, coredns, flux, gatewayApiCrds, localPath, metrics, metricsServer, prometheus, traefik } from "landfall/parts";

// An environment groups clusters; apps may differ between environments:
//   overrides: [dev.set({ scale: { min: 1 } })]
const dev = environment("dev");

// A real Kubernetes on this machine. One that exists already: kubernetesCluster("eu", { context: "…" }).
const local = localCluster("local", { environment: dev });

// An app is built from a folder (\`source\`) or runs an image (\`image\`).
const hello = app("hello", {
  source: "services/hello",
  ports: { http: 8080, metrics: 9464 },
  env: { GREETING: "Hello from ${name}" },
  // Where it answers from outside, by a route of the gateway.
  expose: [{ host: "${host}" }],
  probes: { ready: { http: "/healthz" } },
  // What it promises: becomes recording rules and alerts.
  slo: { availability: 99.5, latency: "500ms" },
  // Other apps it calls become env (OTHER_ADDR), network policy and graph: calls: [other]
  // Secrets by reference, never in clear: env: { TOKEN: secret("token") }, then \`landfall secret set token\`
});

export default company("${name}", {
  landfall: 2,
  domain: "${host}",
  clusters: [local],
  // What the platform is made of. Each takes options: prometheus({ retention: "7d" }).
  parts: [
    flux(), // applies the fleet repo to the cluster
    gatewayApiCrds(), // routes as custom resources
    coredns(), // DNS inside the cluster
    localPath(), // volumes on the node's disk
    traefik(), // the gateway
    prometheus(), // metrics
    alertmanager(), // alerts
    metrics(), // SLO rules of every app
    metricsServer(), // CPU and memory for the autoscaler
  ],
  apps: [hello],
});
`,
    ".gitignore": "fleet/\nnode_modules/\n",
  };
}

/** The same declaration in YAML. */
export function yamlDeclaration(name: string, host: string): Record<string, string> {
  return {
    "landfall.config.yaml": `# yaml-language-server: $schema=./landfall.schema.json
landfall: 2
company: ${name}
domain: ${host}

# An environment groups clusters; apps may differ between environments (apps.<app>.overrides).
environments:
  dev: {}

clusters:
  # A real Kubernetes on this machine. One that exists already: { type: kubernetes, context: … }.
  local:
    type: local
    environment: dev

# What the platform is made of, each with its options.
parts:
  flux: {} # applies the fleet repo to the cluster
  gateway-api: {} # routes as custom resources
  coredns: {} # DNS inside the cluster
  local-path: {} # volumes on the node's disk
  traefik: {} # the gateway
  prometheus: {} # metrics
  alertmanager: {} # alerts
  metrics: {} # SLO rules of every app
  metrics-server: {} # CPU and memory for the autoscaler

apps:
  hello:
    # Built from a folder; or \`image: …\`.
    source: services/hello
    ports:
      http: 8080
      metrics: 9464
    env:
      GREETING: Hello from ${name}
    # Where it answers from outside, by a route of the gateway.
    expose:
      - host: ${host}
    probes:
      ready: { http: /healthz }
    # What it promises: becomes recording rules and alerts.
    slo: { availability: 99.5, latency: 500ms }
`,
    ".gitignore": "fleet/\n",
  };
}

/** A small service without dependencies, so that the first build needs nothing. */
export function helloFiles(name: string): Record<string, string> {
  return {
    "services/hello/package.json": `${JSON.stringify({ name: "hello", private: true, type: "module", main: "main.js" }, null, 2)}\n`,
    "services/hello/package-lock.json": `${JSON.stringify(
      { name: "hello", lockfileVersion: 3, requires: true, packages: { "": { name: "hello" } } },
      null,
      2,
    )}\n`,
    "services/hello/main.js": `import { createServer } from "node:http";

const greeting = process.env.GREETING ?? "Hello";
// Requests by duration, as Prometheus' histograms count them.
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const counts = new Map();

const server = createServer((request, response) => {
  if (request.url === "/healthz") return response.end("ok\\n");
  const start = performance.now();
  response.on("finish", () => observe(response.statusCode, (performance.now() - start) / 1000));
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(\`<!doctype html><title>${name}</title><h1>\${greeting}</h1><p>Served by \${process.env.HOSTNAME}.</p>\\n\`);
});
server.listen(8080);

const metrics = createServer((_request, response) => {
  response.setHeader("content-type", "text/plain; version=0.0.4");
  response.end(exposition());
});
metrics.listen(9464);

function observe(status, seconds) {
  const series = counts.get(status) ?? { buckets: bounds.map(() => 0), sum: 0, count: 0 };
  for (const [i, bound] of bounds.entries()) if (seconds <= bound) series.buckets[i]++;
  counts.set(status, { ...series, sum: series.sum + seconds, count: series.count + 1 });
}

function exposition() {
  const name = "http_server_request_duration_seconds";
  const lines = [\`# TYPE \${name} histogram\`];
  for (const [status, { buckets, sum, count }] of counts) {
    const labels = \`http_response_status_code="\${status}"\`;
    for (const [i, bound] of bounds.entries()) lines.push(\`\${name}_bucket{\${labels},le="\${bound}"} \${buckets[i]}\`);
    lines.push(\`\${name}_bucket{\${labels},le="+Inf"} \${count}\`, \`\${name}_sum{\${labels}} \${sum}\`, \`\${name}_count{\${labels}} \${count}\`);
  }
  return \`\${lines.join("\\n")}\\n\`;
}

// Let requests under way finish when the pod is asked to go.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`,
  };
}
