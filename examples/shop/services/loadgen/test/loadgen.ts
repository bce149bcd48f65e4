import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { parseDuration, readConfig } from "../src/config.ts";
import { nextRequest } from "../src/visitor.ts";

test("a duration is hours, minutes and seconds, at most a day", () => {
  assert.equal(parseDuration("1h30m"), 5_400_000);
  assert.equal(parseDuration("90s"), 90_000);
  for (const text of ["", "5", "m", "5m!", "1d", "25h"]) assert.throws(() => parseDuration(text), /DURATION/);
});

test("the rate is bounded and the target is HTTP", () => {
  assert.equal(readConfig({ STOREFRONT_ADDR: "storefront:8080" }).target.href, "http://storefront:8080/");
  assert.equal(readConfig({}).rate, 2);
  for (const RATE of ["0", "-1", "51", "many"]) assert.throws(() => readConfig({ RATE }), /RATE/);
  assert.throws(() => readConfig({ TARGET: "ftp://x" }), /TARGET/);
});

test("the mix has every kind, most of it looking", () => {
  const counts = new Map<string, number>();
  for (let n = 0; n < 1000; n++) {
    const draws = [n / 1000, 0.5];
    const { method, template } = nextRequest(() => draws.shift() ?? 0, ["mug"]);
    counts.set(`${method} ${template}`, (counts.get(`${method} ${template}`) ?? 0) + 1);
  }
  assert.deepEqual(Object.fromEntries(counts), {
    "GET /": 600,
    "GET /api/cart": 100,
    "GET /api/products": 100,
    "POST /cart/add": 120,
    "POST /cart/remove": 40,
    "POST /cart/clear": 40,
  });
});

test("the program keeps its rate, its sessions and traces, and idles when the time is over", async (t) => {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    if (!request.headers.cookie) response.setHeader("set-cookie", `shop_session=${seen.length}; Path=/`);
    response.end(request.url === "/api/products" ? '{"products":[{"id":"mug"}]}' : "ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close().closeAllConnections());
  const port = (server.address() as AddressInfo).port;
  const child = spawn(process.execPath, [join(import.meta.dirname, "../src/main.ts")], {
    env: {
      TARGET: `http://127.0.0.1:${port}`,
      TARGET_HOST: "shop.example",
      RATE: "40",
      DURATION: "2s",
      METRICS_PORT: "0",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const metricsPort = await listening(child);
  const read = async () => await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const end = Date.now() + 8_000;
  while (!(await read()).includes("shop_loadgen_running 0")) {
    assert.ok(Date.now() < end, "the load did not end");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(seen.length > 40 && seen.length <= 81, `${seen.length} requests`);
  assert.ok(seen.every(({ headers }) => headers.host === "shop.example"));
  assert.ok(
    seen.every(({ headers }) => /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/.test(String(headers.traceparent))),
  );
  const sessions = new Set(seen.flatMap(({ headers }) => headers.cookie ?? []));
  assert.ok(sessions.size > 1 && sessions.size <= 20, `${sessions.size} sessions`);
  assert.match(
    await read(),
    /http_client_request_duration_seconds_count\{[^}]*http_response_status_code="200"/,
  );
  assert.equal((await fetch(`http://127.0.0.1:${metricsPort}/healthz`)).status, 200);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

async function listening(child: ChildProcess): Promise<number> {
  assert.ok(child.stdout);
  for await (const line of createInterface(child.stdout)) {
    const entry = JSON.parse(line) as { message: string; metrics: number };
    if (entry.message === "listening") return entry.metrics;
  }
  throw new Error("the program ended before it listened");
}
