import type { Counts, Faults } from "./traffic.ts";

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A pod's own metrics, named by OpenTelemetry's conventions, in Prometheus' text format. */
export function podMetrics(counts: Counts, faults: Faults): string {
  const name = "http_server_request_duration_seconds";
  return [
    `# TYPE ${name} histogram`,
    ...(["ok", "failed"] as const).flatMap((kind) => {
      const status = kind === "ok" ? "200" : "500";
      return histogram(
        name,
        `http_response_status_code="${status}"`,
        Math.floor(counts[kind]),
        faults.seconds,
      );
    }),
    "",
  ].join("\n");
}

/** What a gateway counts, by the Service and port that it sent requests to. */
export function gatewayMetrics(services: Iterable<readonly [string, Counts, Faults]>): string {
  const lines = [...services].flatMap(([service, { ok, failed }, { seconds }]) =>
    [["200", ok] as const, ["500", failed] as const].flatMap(([code, requests]) => {
      const labels = `code="${code}",service="${service}"`;
      const count = Math.floor(requests);
      return [
        `traefik_service_requests_total{${labels}} ${count}`,
        ...histogram("traefik_service_request_duration_seconds", labels, count, seconds),
      ];
    }),
  );
  return `${lines.join("\n")}\n`;
}

function histogram(name: string, labels: string, count: number, seconds: number): string[] {
  return [
    ...bounds.map((le) => `${name}_bucket{${labels},le="${le}"} ${seconds <= le ? count : 0}`),
    `${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${name}_count{${labels}} ${count}`,
    `${name}_sum{${labels}} ${count * seconds}`,
  ];
}
