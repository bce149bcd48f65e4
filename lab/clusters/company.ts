import { stringify } from "yaml";

export interface CompanyOptions {
  /** What is declared of the waves beside their clusters: gates, timeouts. */
  first?: object;
  rest?: object;
  freezes?: object[];
  /** Without the cluster of the first wave. @default false */
  restOnly?: boolean;
  /** Ports of the three gateways on loopback, two each, which nothing answers at where pods are simulated. */
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

/** Where the source of the apps lies below the declaration's folder. */
export const serviceFolder = "service";

/** The host that an app's route has. */
export const hostOf = (app: string) => `${app}.lab.test`;

/** Three clusters in two waves; `web` is released by Flagger, `api` pod by pod. */
export function companyText({ first, rest, freezes = [], restOnly = false, ports }: CompanyOptions): string {
  const versions = {
    good: { env: { VERSION: "good" } },
    better: { env: { VERSION: "better" } },
    hotfix: { env: { VERSION: "hotfix" } },
    bad: { env: { FAULT_ERRORS: "20" } },
    slow: { env: { FAULT_LATENCY_MS: "2000" } },
  };
  const app = (name: string) => ({
    source: serviceFolder,
    ports: { http: 8080, metrics: 9464 },
    expose: [{ host: hostOf(name) }],
    versions,
  });
  return stringify({
    landfall: 2,
    company: "lab",
    domain: "lab.test",
    clusters: {
      ...(restOnly ? {} : { one: ring("first", ports.slice(0, 2)) }),
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
      ...(restOnly ? [] : [{ name: "first", labels: { ring: "first" }, timeout: "5m", ...first }]),
      { name: "rest", rest: true, timeout: "5m", concurrency: 1, maxUnavailable: 1, ...rest },
    ],
    releases: { approvers: [approver], awayAfter: "10s", freezes },
    apps: {
      web: {
        ...app("web"),
        release: {
          canary: {
            steps: [50],
            interval: `${pace.interval}s`,
            threshold: pace.threshold,
            window: `${pace.interval}s`,
          },
        },
      },
      api: app("api"),
    },
  });
}
