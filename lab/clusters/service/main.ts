/**
 * The lab's app, for pods that run: each request is answered after `FAULT_LATENCY_MS`, and `FAULT_ERRORS` percent of
 * them fail, as the exporter plays it for pods that do not. Its metrics are named by OpenTelemetry's conventions.
 */
import { createServer, type RequestListener } from "node:http";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const percentFailing = Number(process.env.FAULT_ERRORS ?? 0);
const latencyMs = Number(process.env.FAULT_LATENCY_MS ?? 20);
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const name = "http_server_request_duration_seconds";

interface Histogram {
  buckets: number[];
  count: number;
  sum: number;
}

const byStatus = new Map(
  [200, 500].map((status): [number, Histogram] => [
    status,
    { buckets: bounds.map(() => 0), count: 0, sum: 0 },
  ]),
);

function observe(status: number, seconds: number): void {
  const own = byStatus.get(status);
  if (!own) return;
  own.count += 1;
  own.sum += seconds;
  for (const [i, bound] of bounds.entries()) if (seconds <= bound) own.buckets[i] = (own.buckets[i] ?? 0) + 1;
}

function exposition(): string {
  const lines = [...byStatus].flatMap(([status, { buckets, count, sum }]) => {
    const labels = `http_response_status_code="${status}"`;
    return [
      ...bounds.map((le, i) => `${name}_bucket{${labels},le="${le}"} ${buckets[i]}`),
      `${name}_bucket{${labels},le="+Inf"} ${count}`,
      `${name}_count{${labels}} ${count}`,
      `${name}_sum{${labels}} ${sum}`,
    ];
  });
  return [`# TYPE ${name} histogram`, ...lines, ""].join("\n");
}

const answer: RequestListener = async (_, response) => {
  const from = performance.now();
  await sleep(latencyMs);
  const status = Math.random() * 100 < percentFailing ? 500 : 200;
  response.writeHead(status, { "X-Served-By": hostname(), "Content-Type": "text/plain" });
  response.end(`${process.env.VERSION ?? "first"}\n`);
  observe(status, (performance.now() - from) / 1000);
};

const servers = [
  createServer(answer).listen(8080),
  createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/plain; version=0.0.4" }).end(exposition());
  }).listen(9464),
];
process.once("SIGTERM", () => {
  for (const server of servers) server.close();
});
