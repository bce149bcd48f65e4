import type { TestContext } from "node:test";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { loadService } from "../src/backend.ts";
import type { Item, Product } from "../src/shop.ts";

/** The other side of the contracts: real gRPC servers with the least behind them. */
export type Backends = {
  readonly catalogAddress: string;
  readonly cartAddress: string;
  /** The traceparent of each call, in order. */
  readonly traceparents: string[];
  /** Ends one of them at once, as a killed pod would. */
  readonly kill: (which: "catalog" | "cart") => void;
};

type Call = ServerUnaryCall<Record<string, unknown>, object>;

export const mug: Product = {
  id: "mug",
  name: "Mug <b>& more</b>",
  description: "Warms both hands.",
  category: "Galley",
  price: { currencyCode: "EUR", minorUnits: 1150 },
};

/** Starts both on free ports; they end with the test. */
export async function startBackends(t: TestContext): Promise<Backends> {
  const traceparents: string[] = [];
  const carts = new Map<unknown, Item[]>();
  const catalog = await serve("catalog.proto", "CatalogService", "catalog-pod", {
    ListProducts: () => ({ products: [mug] }),
    SearchProducts: ({ query }) => ({
      products: mug.name.toLowerCase().includes(String(query)) ? [mug] : [],
    }),
    GetProduct: ({ id }) => (id === mug.id ? { product: mug } : undefined),
  });
  const cart = await serve("cart.proto", "CartService", "cart-pod", {
    AddItem: ({ sessionId, item }) => change(sessionId, (items) => [...items, item as Item]),
    GetCart: ({ sessionId }) => change(sessionId, (items) => items),
    RemoveItem: ({ sessionId, productId }) =>
      change(sessionId, (items) => items.filter((item) => item.productId !== productId)),
    ClearCart: ({ sessionId }) => change(sessionId, () => []),
  });
  t.after(() => {
    catalog.server.forceShutdown();
    cart.server.forceShutdown();
  });
  return {
    catalogAddress: catalog.address,
    cartAddress: cart.address,
    traceparents,
    kill: (which) => (which === "catalog" ? catalog : cart).server.forceShutdown(),
  };

  function change(session: unknown, work: (items: Item[]) => Item[]): object {
    const items = work(carts.get(session) ?? []);
    carts.set(session, items);
    const minorUnits = items.reduce((sum, item) => sum + item.quantity * item.unitPrice.minorUnits, 0);
    return { cart: { items, total: { currencyCode: "EUR", minorUnits } } };
  }

  async function serve(
    file: string,
    service: string,
    pod: string,
    methods: Record<string, (request: Record<string, unknown>) => object | undefined>,
  ) {
    const server = new Server();
    const handlers: UntypedServiceImplementation = {};
    for (const [name, answer] of Object.entries(methods)) {
      handlers[name] = (call: Call, callback: sendUnaryData<object>) => {
        traceparents.push(String(call.metadata.get("traceparent")[0]));
        const sent = new Metadata();
        sent.set("x-served-by", pod);
        sent.set("x-served-version", "7.0.0");
        call.sendMetadata(sent);
        const reply = answer(call.request);
        if (reply) callback(null, reply);
        else callback({ code: status.NOT_FOUND, details: "no such product" });
      };
    }
    server.addService(loadService(file, service).service, handlers);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    return { server, address: `127.0.0.1:${port}` };
  }
}
