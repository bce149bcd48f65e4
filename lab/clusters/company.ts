import { stringify } from "yaml";

export interface CompanyOptions {
  /** Gates of the first wave. @default none */
  gates?: object[];
  freezes?: object[];
  /** Ports of the three gateways on loopback, which nothing answers at where pods are simulated. */
  ports: readonly number[];
}

/** Who may approve and acknowledge. */
export const approver = "ada@lab.test";

/** One scrape interval, Flagger's interval and threshold, and the longest that an engine may take, in seconds. */
export const pace = { scrape: 2, interval: 10, threshold: 2, engine: 2 };

/** From a failing metric in Prometheus to the halting commit, at most. */
export const haltLimitMs = (pace.scrape + pace.threshold * pace.interval + pace.engine) * 1000;

const ring = (name: string, [http, https]: readonly (number | undefined)[]) => ({
  type: "local",
  labels: { ring: name },
  ports: { http, https },
});

/** Three clusters in two waves; `web` is released by Flagger, `api` pod by pod. */
export function companyText({ gates = [], freezes = [], ports }: CompanyOptions): string {
  const versions = {
    good: { env: { VERSION: "good" } },
    better: { env: { VERSION: "better" } },
    hotfix: { env: { VERSION: "hotfix" } },
    bad: { env: { FAULT_ERRORS: "20" } },
    slow: { env: { FAULT_LATENCY_MS: "2000" } },
  };
  const app = (name: string) => ({ image: `registry.lab.test/${name}:1.0.0`, versions });
  return stringify({
    landfall: 2,
    company: "lab",
    domain: "lab.test",
    clusters: {
      one: ring("first", ports.slice(0, 2)),
      two: ring("rest", ports.slice(2, 4)),
      three: ring("rest", ports.slice(4, 6)),
    },
    parts: {
      flux: {},
      "gateway-api": {},
      coredns: {},
      traefik: {},
      prometheus: { interval: `${pace.scrape}s` },
      flagger: {},
    },
    waves: [
      { name: "first", labels: { ring: "first" }, gates, timeout: "5m" },
      { name: "rest", rest: true, timeout: "5m", concurrency: 1, maxUnavailable: 1 },
    ],
    releases: { approvers: [approver], awayAfter: "10s", freezes },
    apps: {
      web: {
        ...app("web"),
        // Flagger copies pods by the types of an older Kubernetes, which know no `sleep` before the end.
        drainSeconds: 0,
        ports: { http: 8080, metrics: 9464 },
        expose: [{ host: "web.lab.test" }],
        release: {
          canary: {
            steps: [50],
            interval: `${pace.interval}s`,
            threshold: pace.threshold,
            window: `${pace.interval}s`,
          },
        },
      },
      api: { ...app("api"), ports: { http: 8080 } },
    },
  });
}
