/** What the load generator reads from its environment. */
export type Config = {
  /** Where requests go, such as http://storefront:8080. */
  readonly target: URL;
  /** The Host header, when it is not the target's own. */
  readonly host: string | undefined;
  /** Requests a second, above 0 up to 50. */
  readonly rate: number;
  /** How long load is made, at most a day; afterwards only metrics are served. */
  readonly durationMs: number;
  readonly metricsPort: number;
  readonly serviceName: string;
  readonly version: string;
  readonly pod: string;
  readonly tracesEndpoint: string | undefined;
};

type Env = Readonly<Record<string, string | undefined>>;

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000 };
const dayMs = 24 * 3_600_000;

/** Reads the configuration. Throws an Error naming the variable that is wrong. */
export function readConfig(env: Env): Config {
  const service = env.OTEL_SERVICE_NAME || "loadgen";
  const target = URL.parse(env.TARGET || `http://${env.STOREFRONT_ADDR || "localhost:8080"}`);
  if (target?.protocol !== "http:")
    throw new Error("TARGET: expected an address such as http://storefront:8080");
  const rate = Number(env.RATE || 2);
  if (!(rate > 0 && rate <= 50)) throw new Error(`RATE: "${env.RATE}" is not a number above 0 up to 50`);
  return {
    target,
    host: env.TARGET_HOST || undefined,
    rate,
    durationMs: parseDuration(env.DURATION || "30m"),
    metricsPort: Number(env.METRICS_PORT || 9464),
    serviceName: service,
    version: env.APP_VERSION || "dev",
    pod: env.POD_NAME || env.HOSTNAME || service,
    tracesEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT || undefined,
  };
}

/** "90s", "30m" or "1h30m" in milliseconds, at most a day: load always ends. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)([hms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new Error(`DURATION: "${text}" is not a duration such as 90s, 30m or 1h30m`);
  }
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ""] ?? 0), 0);
  if (total > dayMs) throw new Error(`DURATION: "${text}" is longer than a day`);
  return total;
}
