import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connectBackend } from "./backend.ts";
import { readConfig } from "./config.ts";
import { followFaults } from "./faults.ts";
import { makeServer } from "./http.ts";
import { log } from "./log.ts";
import { faultSetting, serveMetrics } from "./metrics.ts";
import { makeRoutes } from "./routes.ts";
import { makeShop } from "./shop.ts";
import { startTracing } from "./tracing.ts";

const config = readConfig(process.env);
const flushTraces = startTracing(config);
const faults = await followFaults(config.configDir, {
  changed: (now) => {
    for (const [fault, value] of Object.entries(now)) faultSetting.set({ fault }, value);
    log("info", "faults", now);
  },
  damaged: (reason) => log("error", "faults.json is damaged, the last good one is kept", { reason }),
});
const timeoutMs = config.rpcTimeoutMs;
const catalog = connectBackend({
  file: "catalog.proto",
  service: "CatalogService",
  address: config.catalogAddress,
  timeoutMs,
});
const cart = connectBackend({
  file: "cart.proto",
  service: "CartService",
  address: config.cartAddress,
  timeoutMs,
});

let draining = false;
// Ready whatever the backends do: a page with a notice is better than no page.
const server = makeServer({
  routes: makeRoutes(makeShop(catalog, cart), config),
  ready: () => !draining,
  strike: faults.strike,
  servedBy: config,
});
const metrics = await serveMetrics(config.metricsPort);
await new Promise<void>((resolve, reject) => server.once("error", reject).listen(config.httpPort, resolve));
log("info", "listening", { http: port(server), metrics: port(metrics), version: config.version });

process.once("SIGTERM", drain);
process.once("SIGINT", drain);

async function drain(): Promise<void> {
  draining = true;
  log("info", "draining");
  // Whatever hangs, the process is gone before the kubelet would kill it.
  setTimeout(() => process.exit(1), 9_500).unref();
  await sleep(config.drainDelayMs);
  // A kept-alive connection would hold the server for seconds after its last answer.
  const closing = setInterval(() => server.closeIdleConnections(), 50);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(closing);
  catalog.close();
  cart.close();
  faults.stop();
  metrics.close();
  metrics.closeAllConnections();
  await Promise.race([flushTraces(), sleep(1_000)]);
  process.exit(0);
}

function port(listening: Server): number {
  return (listening.address() as AddressInfo).port;
}
