import type { CanaryMetrics } from "../../kit/index.ts";

/** Upper bounds in seconds; Traefik's own go from 0.1 to 0.3 to 1.2, between which no promise could be held. */
export const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10];

/** Requests by the Service they went to; Traefik names these after namespace, Service and port. */
export function requestsTo(part: string): CanaryMetrics["requestsTo"] {
  return ({ namespace, service, port }) => {
    const of = `part="${part}",service="${namespace}-${service}-http-${port}@kubernetesgateway"`;
    return {
      total: `traefik_service_requests_total{${of}}`,
      failed: `traefik_service_requests_total{${of},code=~"5.."}`,
      buckets: `traefik_service_request_duration_seconds_bucket{${of}}`,
    };
  };
}
