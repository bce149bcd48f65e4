import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { before, type TestContext, test } from "node:test";
import { connectBackend } from "../src/backend.ts";
import { makeServer } from "../src/http.ts";
import { registry } from "../src/metrics.ts";
import { makeRoutes } from "../src/routes.ts";
import { makeShop } from "../src/shop.ts";
import { startTracing } from "../src/tracing.ts";
import { type Backends, mug, startBackends } from "./backends.ts";

before(() => {
  startTracing({
    serviceName: "storefront",
    version: "1.0.0",
    pod: "storefront-pod",
    tracesEndpoint: undefined,
  });
});

type Site = { url: string; backends: Backends; ready: (is: boolean) => void; fail: (on: boolean) => void };

async function startSite(t: TestContext, banner?: string): Promise<Site> {
  const backends = await startBackends(t);
  const timeoutMs = 1000;
  const catalog = connectBackend({
    file: "catalog.proto",
    service: "CatalogService",
    address: backends.catalogAddress,
    timeoutMs,
  });
  const cart = connectBackend({
    file: "cart.proto",
    service: "CartService",
    address: backends.cartAddress,
    timeoutMs,
  });
  let isReady = true;
  let failing = false;
  const server = makeServer({
    routes: makeRoutes(makeShop(catalog, cart), { version: "1.0.0", pod: "storefront-pod", banner }),
    ready: () => isReady,
    strike: async () => failing,
    servedBy: { version: "1.0.0", pod: "storefront-pod" },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close().closeAllConnections();
    catalog.close();
    cart.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    backends,
    ready: (is) => {
      isReady = is;
    },
    fail: (on) => {
      failing = on;
    },
  };
}

async function addMug(url: string, quantity = "2"): Promise<{ status: number; cookie: string }> {
  const body = new URLSearchParams({ productId: mug.id, quantity });
  const response = await fetch(`${url}/cart/add`, { method: "POST", body, redirect: "manual" });
  return { status: response.status, cookie: response.headers.get("set-cookie")?.split(";")[0] ?? "" };
}

async function page(url: string, cookie = ""): Promise<{ status: number; html: string }> {
  const response = await fetch(url, { headers: { cookie } });
  assert.equal(response.headers.get("cache-control"), "no-store");
  return { status: response.status, html: await response.text() };
}

test("the page shows products, the cart with its total, and who served each", async (t) => {
  const { url } = await startSite(t);
  const added = await addMug(url);
  assert.equal(added.status, 303);
  const { status, html } = await page(url, added.cookie);
  assert.equal(status, 200);
  assert.match(html, /€11\.50/);
  assert.match(html, /<span>Total<\/span><span>€23\.00<\/span>/);
  assert.match(html, /catalog <code>7\.0\.0<\/code> from pod <code>catalog-pod<\/code>/);
  assert.match(html, /cart <code>7\.0\.0<\/code> from pod <code>cart-pod<\/code>/);
  assert.match(html, /storefront <code>1\.0\.0<\/code> from pod <code>storefront-pod<\/code>/);
});

test("text from other services and from the browser is escaped", async (t) => {
  const { url } = await startSite(t);
  const { html } = await page(url);
  assert.ok(!html.includes('class="banner"'));
  assert.ok(!html.includes("<b>& more"));
  assert.ok(html.includes("Mug &#60;b&#62;&#38; more"));
  const searched = await page(`${url}/?q=%22%3E%3Cscript%3E`);
  assert.ok(!searched.html.includes("<script>"));
});

test("a banner stands above the products, escaped", async (t) => {
  const { url } = await startSite(t, "Fresh <in>");
  assert.match((await page(url)).html, /<p class="banner">Fresh &#60;in&#62;<\/p>/);
});

test("another visitor has another cart", async (t) => {
  const { url } = await startSite(t);
  await addMug(url);
  assert.match((await page(url)).html, /Nothing stowed yet/);
});

test("the JSON API adds, removes and clears", async (t) => {
  const { url } = await startSite(t);
  const { products } = (await (await fetch(`${url}/api/products`)).json()) as { products: unknown[] };
  assert.deepEqual(products, [mug]);
  const { cookie } = await addMug(url, "1");
  const post = async (body: object) => {
    const response = await fetch(`${url}/api/cart`, {
      method: "POST",
      headers: { cookie },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { items: unknown[]; total: { minorUnits: number } };
  };
  assert.equal((await post({ productId: mug.id, quantity: 3 })).total.minorUnits, 4600);
  assert.equal((await post({ action: "remove", productId: mug.id })).items.length, 0);
  await post({ productId: mug.id });
  assert.equal((await post({ action: "clear" })).items.length, 0);
});

test("bad input is refused with its reason", async (t) => {
  const { url } = await startSite(t);
  const status = async (path: string, method: string, body?: string) =>
    (await fetch(url + path, { method, body: body ?? null })).status;
  assert.equal(await status("/api/cart", "POST", "{"), 400);
  assert.equal(await status("/api/cart", "POST", '{"productId":"mug","quantity":0}'), 400);
  assert.equal(await status("/api/cart", "POST", '{"productId":"../x"}'), 400);
  assert.equal(await status("/api/cart", "POST", '{"action":"steal","productId":"mug"}'), 400);
  assert.equal(await status("/api/cart", "POST", '{"productId":"nothing"}'), 404);
  assert.equal(await status("/api/cart", "POST", "x".repeat(20_000)), 413);
  assert.equal(await status("/cart/add", "GET"), 405);
  assert.equal(await status("/constructor", "GET"), 404);
});

test("without the cart the products are still shown; without the catalog the cart is, with 503", async (t) => {
  const { url, backends } = await startSite(t);
  const { cookie } = await addMug(url);
  backends.kill("cart");
  const noCart = await page(url, cookie);
  assert.equal(noCart.status, 200);
  assert.match(noCart.html, /The cart is away just now/);
  assert.match(noCart.html, /€11\.50/);
  assert.equal((await addMug(url)).status, 503);
  assert.equal((await fetch(`${url}/api/cart`)).status, 503);

  const other = await startSite(t);
  const visitor = await addMug(other.url);
  other.backends.kill("catalog");
  const noCatalog = await page(other.url, visitor.cookie);
  assert.equal(noCatalog.status, 503);
  assert.match(noCatalog.html, /The catalog is away just now/);
  assert.match(noCatalog.html, /<span>Total<\/span><span>€23\.00<\/span>/);
});

test("the caller's trace reaches both services", async (t) => {
  const { url, backends } = await startSite(t);
  const trace = "ab".repeat(16);
  await fetch(url, { headers: { traceparent: `00-${trace}-${"cd".repeat(8)}-01` } });
  assert.equal(backends.traceparents.length, 2);
  assert.ok(
    backends.traceparents.every((sent) => sent.startsWith(`00-${trace}-`) && !sent.includes("cdcdcd")),
  );
});

test("faults strike requests and are measured; health tells only of draining", async (t) => {
  const { url, ready, fail } = await startSite(t);
  fail(true);
  const struck = await fetch(url);
  assert.equal(struck.status, 500);
  assert.equal(struck.headers.get("x-served-by"), "storefront-pod");
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  ready(false);
  assert.equal((await fetch(`${url}/readyz`)).status, 503);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  const metrics = await registry.metrics();
  assert.match(
    metrics,
    /http_server_request_duration_seconds_count\{http_request_method="GET",http_route="\/",http_response_status_code="500"\} 1/,
  );
  assert.match(
    metrics,
    /rpc_client_call_duration_seconds_count\{[^}]*rpc_response_status_code="UNAVAILABLE"\}/,
  );
  assert.doesNotMatch(metrics, /healthz|readyz/);
});
