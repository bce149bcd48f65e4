import { createServer, type Server } from "node:http";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Bucket bounds in seconds, as OpenTelemetry's semantic conventions advise. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

export const registry = new Registry();
collectDefaultMetrics({ register: registry });

export const httpServerDuration = new Histogram({
  name: "http_server_request_duration_seconds",
  help: "Duration of HTTP requests answered.",
  labelNames: ["http_request_method", "http_response_status_code", "http_route"],
  buckets,
  registers: [registry],
});

export const rpcClientDuration = new Histogram({
  name: "rpc_client_call_duration_seconds",
  help: "Duration of RPCs made.",
  labelNames: ["rpc_method", "rpc_response_status_code", "server_address"],
  buckets,
  registers: [registry],
});

export const faultSetting = new Gauge({
  name: "shop_fault_setting",
  help: "The faults switched on in this process, as in faults.json.",
  labelNames: ["fault"],
  registers: [registry],
});

/** Serves /metrics on the port (0: any free one) until the server returned is closed. */
export function serveMetrics(port: number): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (request.url !== "/metrics") return response.writeHead(404).end();
    response.writeHead(200, { "content-type": registry.contentType }).end(await registry.metrics());
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, () => resolve(server));
  });
}
