import type { AppPort } from "./placed-app.ts";
import type { RequestSeries } from "./tokens.ts";

/**
 * Which series tell of an app's requests, by what it speaks. Names follow OpenTelemetry's semantic conventions.
 * @param matchers PromQL matchers of the series, e.g. `app="web",namespace="shop"`
 */
export function requestSeries({ ports }: { ports: readonly AppPort[] }, matchers: string): RequestSeries {
  const speaksGrpc = ports.some(({ protocol }) => protocol === "grpc");
  const [histogram, failed] = speaksGrpc
    ? [
        "rpc_server_call_duration_seconds",
        'rpc_response_status_code=~"UNKNOWN|DEADLINE_EXCEEDED|INTERNAL|UNAVAILABLE|DATA_LOSS"',
      ]
    : ["http_server_request_duration_seconds", 'http_response_status_code=~"5.."'];
  return {
    total: `${histogram}_count{${matchers}}`,
    failed: `${histogram}_count{${matchers},${failed}}`,
    buckets: `${histogram}_bucket{${matchers}}`,
  };
}
