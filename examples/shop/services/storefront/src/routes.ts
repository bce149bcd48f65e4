import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { HttpError, type Reply, type Routes, readBody } from "./http.ts";
import { renderPage } from "./page.ts";
import { type Cart, httpStatus, type Outcome, type Shop } from "./shop.ts";

type Self = { readonly version: string; readonly pod: string; readonly banner?: string | undefined };
type Session = { readonly id: string; readonly headers: Readonly<Record<string, string>> };

const sessionPattern = /(?:^|;\s*)shop_session=([0-9a-f-]{36})(?:;|$)/;

/** The page, its forms and the JSON API. */
export function makeRoutes(shop: Shop, self: Self): Routes {
  return {
    "/": { GET: (request, url) => page(readSession(request), url.searchParams.get("q")?.trim() ?? "") },
    "/cart/add": {
      POST: (request) =>
        form(request, (id, fields) =>
          shop.add(id, productId(fields.get("productId")), quantity(fields.get("quantity"))),
        ),
    },
    "/cart/remove": {
      POST: (request) => form(request, (id, fields) => shop.remove(id, productId(fields.get("productId")))),
    },
    "/cart/clear": { POST: (request) => form(request, (id) => shop.clear(id)) },
    "/api/products": {
      GET: async (request, url) => {
        const found = await shop.products(url.searchParams.get("q")?.trim() ?? "");
        return json(readSession(request), found, (products) => ({ products }));
      },
    },
    "/api/cart": {
      GET: async (request) => {
        const session = readSession(request);
        return json(session, await shop.cart(session.id), (cart) => cart);
      },
      POST: async (request) => {
        const session = readSession(request);
        return json(session, await change(session.id, await readJson(request)), (cart) => cart);
      },
    },
  };

  async function page(session: Session, query: string, failed?: Outcome<Cart>): Promise<Reply> {
    const [products, cart] = await Promise.all([shop.products(query), shop.cart(session.id)]);
    const problem = failed && !failed.ok ? failed.message : undefined;
    return {
      // Without products there is no shop; without a cart there still is one to look at.
      status: failed ? httpStatus(failed) : products.ok ? 200 : 503,
      headers: {
        ...session.headers,
        "content-type": "text/html; charset=utf-8",
        "content-security-policy":
          "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; frame-ancestors 'none'",
      },
      body: renderPage({ query, products, cart, problem, self, banner: self.banner }),
    };
  }

  async function form(
    request: IncomingMessage,
    work: (session: string, fields: URLSearchParams) => Promise<Outcome<Cart>>,
  ): Promise<Reply> {
    const session = readSession(request);
    const result = await work(session.id, new URLSearchParams(await readBody(request)));
    if (!result.ok) return page(session, "", result);
    return { status: 303, headers: { ...session.headers, location: "/" } };
  }

  function change(session: string, body: Record<string, unknown>): Promise<Outcome<Cart>> {
    const action = body.action ?? "add";
    if (action === "clear") return shop.clear(session);
    if (action === "remove") return shop.remove(session, productId(body.productId));
    if (action === "add") return shop.add(session, productId(body.productId), quantity(body.quantity));
    throw new HttpError(400, "action: expected add, remove or clear");
  }
}

function json<T>(session: Session, result: Outcome<T>, body: (value: T) => object): Reply {
  const content = result.ok
    ? { ...body(result.value), servedBy: result.servedBy }
    : { error: { code: result.code, message: result.message } };
  const headers = { ...session.headers, "content-type": "application/json" };
  return { status: httpStatus(result), headers, body: `${JSON.stringify(content)}\n` };
}

/** The session that the cookie names, or a new one with the header that sets it. */
export function readSession(request: IncomingMessage): Session {
  const known = sessionPattern.exec(request.headers.cookie ?? "")?.[1];
  if (known) return { id: known, headers: {} };
  const id = randomUUID();
  return {
    id,
    headers: { "set-cookie": `shop_session=${id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400` },
  };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const text = await readBody(request);
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null) return body as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new HttpError(400, "the body is not a JSON object");
}

function productId(value: unknown): string {
  if (typeof value === "string" && /^[a-z0-9-]{1,64}$/.test(value)) return value;
  throw new HttpError(400, "productId: expected the id of a product");
}

function quantity(value: unknown): number {
  const count = value === undefined || value === null ? 1 : Number(value);
  if (Number.isInteger(count) && count >= 1 && count <= 99) return count;
  throw new HttpError(400, "quantity: expected a whole number from 1 to 99");
}
