/** What the storefront reads from its environment. Addresses are host:port, times milliseconds. */
export type Config = {
  readonly httpPort: number;
  readonly metricsPort: number;
  readonly catalogAddress: string;
  readonly cartAddress: string;
  readonly configDir: string;
  readonly rpcTimeoutMs: number;
  readonly drainDelayMs: number;
  readonly serviceName: string;
  readonly version: string;
  readonly pod: string;
  /** A line above the products. */
  readonly banner: string | undefined;
  readonly tracesEndpoint: string | undefined;
};

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration; port 0 asks for a free one.
 * Throws an Error naming the variable when a number is not one.
 */
export function readConfig(env: Env): Config {
  const service = env.OTEL_SERVICE_NAME || "storefront";
  return {
    httpPort: readNumber(env, "HTTP_PORT", 8080),
    metricsPort: readNumber(env, "METRICS_PORT", 9464),
    catalogAddress: env.CATALOG_ADDR || "localhost:50051",
    cartAddress: env.CART_ADDR || "localhost:50052",
    configDir: env.CONFIG_DIR || "/etc/landfall/config",
    rpcTimeoutMs: readNumber(env, "RPC_TIMEOUT_MS", 2000),
    // Long enough for the endpoints to forget this pod before it refuses connections.
    drainDelayMs: readNumber(env, "DRAIN_DELAY_MS", 2000),
    serviceName: service,
    version: env.APP_VERSION || "dev",
    pod: env.POD_NAME || env.HOSTNAME || service,
    banner: env.BANNER || undefined,
    tracesEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT || undefined,
  };
}

function readNumber(env: Env, name: string, fallback: number): number {
  const value = Number(env[name] || fallback);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name}: "${env[name]}" is not a whole number`);
  return value;
}
