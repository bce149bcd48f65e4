/** A request that a visitor wants to make; the form is sent as a browser would. */
export type Request = {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** The path without what varies, for labels. */
  readonly template: string;
  readonly form?: Readonly<Record<string, string>>;
};

/** One of the people in the shop: its cookie is its session. */
export type Visitor = { cookie: string | undefined };

const words = ["brass", "rope", "lighting", "chart", "weather", "galley", "wool", "night"];

/**
 * What a visitor does next: mostly looks, sometimes searches, adds or views its cart, rarely leaves.
 * @param random gives numbers from 0 to below 1, so that a test can choose
 * @param products the ids known so far; nothing is added before there are some
 */
export function nextRequest(random: () => number, products: readonly string[]): Request {
  const choice = random();
  if (choice < 0.5) return { method: "GET", path: "/", template: "/" };
  if (choice < 0.6) {
    return { method: "GET", path: `/?q=${encodeURIComponent(pick(words, random) ?? "")}`, template: "/" };
  }
  if (choice < 0.7) return { method: "GET", path: "/api/cart", template: "/api/cart" };
  const productId = pick(products, random);
  if (choice < 0.8 || productId === undefined) {
    return { method: "GET", path: "/api/products", template: "/api/products" };
  }
  if (choice < 0.92) return post("/cart/add", { productId, quantity: "1" });
  if (choice < 0.96) return post("/cart/remove", { productId });
  return post("/cart/clear", {});
}

function post(path: string, form: Record<string, string>): Request {
  return { method: "POST", path, template: path, form };
}

function pick<T>(list: readonly T[], random: () => number): T | undefined {
  return list[Math.floor(random() * list.length)];
}
