import { createServer, type Server } from "node:http";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export const registry = new Registry();
collectDefaultMetrics({ register: registry });

export const httpClientDuration = new Histogram({
  name: "http_client_request_duration_seconds",
  help: "Duration of HTTP requests made; error_type instead of a status where none came.",
  labelNames: [
    "http_request_method",
    "http_response_status_code",
    "url_template",
    "server_address",
    "error_type",
  ],
  // Seconds, as OpenTelemetry's semantic conventions advise.
  buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  registers: [registry],
});

export const dropped = new Counter({
  name: "shop_loadgen_dropped_total",
  help: "Requests not made because too many were under way.",
  registers: [registry],
});

export const running = new Gauge({
  name: "shop_loadgen_running",
  help: "1 while load is made, 0 when the duration is over.",
  registers: [registry],
});

/** Serves /metrics and /healthz on the port (0: any free one) until the server returned is closed. */
export function serveMetrics(port: number): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (request.url === "/healthz") return response.writeHead(200).end("ok\n");
    if (request.url !== "/metrics") return response.writeHead(404).end();
    response.writeHead(200, { "content-type": registry.contentType }).end(await registry.metrics());
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, () => resolve(server));
  });
}
