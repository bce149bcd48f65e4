import { type ServiceError, status } from "@grpc/grpc-js";
import type { Backend, ServedBy } from "./backend.ts";

export type Money = { readonly currencyCode: string; readonly minorUnits: number };

export type Product = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price: Money;
};

export type Item = {
  readonly productId: string;
  readonly name: string;
  readonly unitPrice: Money;
  readonly quantity: number;
};

export type Cart = { readonly items: readonly Item[]; readonly total: Money };

/** What a backend said, or its gRPC status name when it did not: one being away must not hide the other. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly servedBy: ServedBy }
  | { readonly ok: false; readonly code: string; readonly message: string };

export type Shop = {
  readonly products: (query: string) => Promise<Outcome<readonly Product[]>>;
  readonly cart: (session: string) => Promise<Outcome<Cart>>;
  /** Looks the product up in the catalog first: name and price are never taken from the browser. */
  readonly add: (session: string, productId: string, quantity: number) => Promise<Outcome<Cart>>;
  readonly remove: (session: string, productId: string) => Promise<Outcome<Cart>>;
  readonly clear: (session: string) => Promise<Outcome<Cart>>;
};

/** The shop as its pages need it, over the two backends. */
export function makeShop(catalog: Backend, cart: Backend): Shop {
  const cartCall = (method: string, request: object) =>
    outcome<{ cart: Cart }, Cart>(cart, method, request, (reply) => reply.cart);
  return {
    products: (query) =>
      outcome<{ products: Product[] }, readonly Product[]>(
        catalog,
        query ? "SearchProducts" : "ListProducts",
        query ? { query } : {},
        (reply) => reply.products,
      ),
    cart: (session) => cartCall("GetCart", { sessionId: session }),
    add: async (session, productId, quantity) => {
      const found = await outcome<{ product: Product }, Product>(
        catalog,
        "GetProduct",
        { id: productId },
        (reply) => reply.product,
      );
      if (!found.ok) return found;
      const { name, price } = found.value;
      return cartCall("AddItem", {
        sessionId: session,
        item: { productId, name, unitPrice: price, quantity },
      });
    },
    remove: (session, productId) => cartCall("RemoveItem", { sessionId: session, productId }),
    clear: (session) => cartCall("ClearCart", { sessionId: session }),
  };
}

async function outcome<Reply, T>(
  backend: Backend,
  method: string,
  request: object,
  pick: (reply: Reply) => T,
): Promise<Outcome<T>> {
  try {
    const { reply, servedBy } = await backend.call<Reply>(method, request);
    return { ok: true, value: pick(reply), servedBy };
  } catch (error) {
    const { code, details, message } = error as ServiceError;
    if (code === undefined) throw error;
    return { ok: false, code: status[code], message: details || message };
  }
}

const httpStatuses: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 409,
};

/** The HTTP status for an outcome: what the caller did wrong, else 503. */
export function httpStatus(result: Outcome<unknown>): number {
  return result.ok ? 200 : (httpStatuses[result.code] ?? 503);
}
