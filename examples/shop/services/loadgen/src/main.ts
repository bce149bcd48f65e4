import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { makeClient } from "./client.ts";
import { readConfig } from "./config.ts";
import { makeLoad } from "./load.ts";
import { log } from "./log.ts";
import { serveMetrics } from "./metrics.ts";
import { startTracing } from "./tracing.ts";

const config = readConfig(process.env);
const flushTraces = startTracing(config);
const metrics = await serveMetrics(config.metricsPort);
const client = makeClient({ target: config.target, host: config.host, timeoutMs: 10_000 });
const endLoad = makeLoad({ client, rate: config.rate, durationMs: config.durationMs, random: Math.random });
const { port } = metrics.address() as AddressInfo;
log("info", "listening", { metrics: port, target: config.target.href, rate: config.rate });

process.once("SIGTERM", stop);
process.once("SIGINT", stop);

async function stop(): Promise<void> {
  endLoad();
  client.close();
  await Promise.race([flushTraces(), sleep(1_000)]);
  process.exit(0);
}
