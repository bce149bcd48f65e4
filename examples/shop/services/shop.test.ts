import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { end, missingTool, type Service, type Shop, startShop } from "./shop-processes.ts";
import { type Collector, startCollector } from "./trace-collector.ts";

const missing = missingTool();
if (missing) console.warn(`the shop's services are not tested together: ${missing}`);

const faultNames = ["storefront", "catalog", "cart"] as const;

/** The real storefront, catalog, cart and Redis as processes of this machine. */
describe.skipIf(missing !== undefined)("the shop", { timeout: 30_000 }, () => {
  let collector: Collector;
  let shop: Shop;
  let url: string;

  beforeAll(async () => {
    collector = await startCollector();
    shop = await startShop(collector.endpoint);
    url = `http://127.0.0.1:${shop.storefront.ports.http}`;
    // The cart answers once it found its Redis.
    await vi.waitFor(async () => expect(await status()).toBe(200), { timeout: 10_000 });
  }, 180_000);

  afterAll(async () => {
    await shop?.stop();
    collector?.stop();
  }, 30_000);

  async function status(): Promise<number> {
    return (await fetch(`${url}/api/cart`)).status;
  }

  async function addMug(headers: Record<string, string> = {}): Promise<Response> {
    const body = new URLSearchParams({ productId: "enamel-mug", quantity: "2" });
    return await fetch(`${url}/cart/add`, { method: "POST", body, headers, redirect: "manual" });
  }

  async function metric(service: Service, name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${service.ports.metrics}/metrics`)).text();
    const values = text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+-]+)$`, "gm"));
    return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  test("the page has the Python catalog's products and the Go cart's total", async () => {
    const added = await addMug();
    expect(added.status).toBe(303);
    const cookie = added.headers.get("set-cookie")?.split(";")[0] ?? "";
    const html = await (await fetch(url, { headers: { cookie } })).text();
    expect(html).toContain("Storm barometer");
    expect(html).toContain("<span>Total</span><span>€23.00</span>");
    expect(html).toContain("catalog <code>1.1.1</code> from pod <code>catalog-pod</code>");
    expect(html).toContain("cart <code>2.2.2</code> from pod <code>cart-pod</code>");
    expect(html).toContain("storefront <code>3.3.3</code> from pod <code>storefront-pod</code>");
  });

  test("a caller's trace has the spans of all three", async () => {
    const trace = randomBytes(16).toString("hex");
    await addMug({ traceparent: `00-${trace}-${randomBytes(8).toString("hex")}-01` });
    await expect
      .poll(() => collector.servicesOf(trace, faultNames), { timeout: 10_000 })
      .toEqual(["storefront", "catalog", "cart"]);
  });

  test("calls are counted under OpenTelemetry's names on both sides", async () => {
    const count = "duration_seconds_count";
    expect(await metric(shop.storefront, `http_server_request_${count}`)).toBeGreaterThan(0);
    expect(await metric(shop.storefront, `rpc_client_call_${count}`)).toBeGreaterThan(0);
    expect(await metric(shop.catalog, `rpc_server_call_${count}`)).toBeGreaterThan(0);
    expect(await metric(shop.cart, `rpc_server_call_${count}`)).toBeGreaterThan(0);
    expect(await metric(shop.cart, `db_client_operation_${count}`)).toBeGreaterThan(0);
  });

  test.each([
    ["storefront", "/api/cart", 500],
    ["catalog", "/api/products", 503],
    ["cart", "/api/cart", 503],
  ] as const)("errors and latency of the %s act and end", async (name, path, failed) => {
    const ask = async () => {
      const started = performance.now();
      const answer = await fetch(url + path);
      return { status: answer.status, slow: performance.now() - started >= 700 };
    };
    const fine = { status: 200, slow: false };
    expect(await ask()).toEqual(fine);
    await shop[name].setFaults({ errorRate: 1 });
    await expect.poll(ask, { timeout: 5_000 }).toEqual({ status: failed, slow: false });
    await shop[name].setFaults({ latencyMs: 700 });
    await expect.poll(ask, { timeout: 5_000 }).toEqual({ status: 200, slow: true });
    // A damaged file keeps the last good, and the service lives.
    await shop[name].setFaults('{"latencyMs": ');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await ask()).toEqual({ status: 200, slow: true });
    await shop[name].setFaults({});
    await expect.poll(ask, { timeout: 5_000 }).toEqual(fine);
  });

  test.each(faultNames)("memory of the %s grows and its processor burns, and both end", async (name) => {
    const service = shop[name];
    const megabyte = 1024 * 1024;
    const resident = () => metric(service, "process_resident_memory_bytes");
    const cpu = () => metric(service, "process_cpu_seconds_total");
    const before = { memory: await resident(), cpu: await cpu() };
    await service.setFaults({ memoryMbPerMinute: 3000, cpuBurnPercent: 100 });
    await expect.poll(resident, { timeout: 8_000 }).toBeGreaterThan(before.memory + 80 * megabyte);
    await expect.poll(cpu, { timeout: 8_000 }).toBeGreaterThan(before.cpu + 0.5);
    expect(await metric(service, "shop_fault_setting")).toBe(3100);
    await service.setFaults({});
    await expect.poll(() => metric(service, "shop_fault_setting"), { timeout: 5_000 }).toBe(0);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test("asked to end, each finishes the request under way and exits with 0", async () => {
    await shop.storefront.setFaults({ latencyMs: 700 });
    await expect.poll(() => metric(shop.storefront, "shop_fault_setting"), { timeout: 5_000 }).toBe(700);
    const underWay = fetch(`${url}/api/products`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const ended = end(shop.storefront.child);
    expect((await underWay).status).toBe(200);
    expect(await Promise.all([ended, end(shop.catalog.child), end(shop.cart.child)])).toEqual([0, 0, 0]);
  });
});
