import type { ServedBy } from "./backend.ts";
import { hue, icon } from "./icons.ts";
import type { Cart, Item, Money, Outcome, Product } from "./shop.ts";
import { style } from "./style.ts";

export type PageData = {
  readonly query: string;
  readonly products: Outcome<readonly Product[]>;
  readonly cart: Outcome<Cart>;
  /** Why the last change was refused. */
  readonly problem: string | undefined;
  readonly self: ServedBy;
  readonly banner?: string | undefined;
};

const categories = ["Navigation", "Lighting", "Rope", "Galley", "Weather", "Library"];

/** The shop's one page; each half says so when its service is away. */
export function renderPage(data: PageData): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Landfall Chandlery</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header><div class="bar">
<a class="brand" href="/">${icon("")}<span><b>Landfall Chandlery</b><small>Everything for the last mile to shore</small></span></a>
<form class="search" action="/"><input type="search" name="q" maxlength="80" placeholder="Search the stores" aria-label="Search" value="${escapeHtml(data.query)}"><button>Search</button></form>
</div></header>
<main>
<section>
${data.banner === undefined ? "" : `<p class="banner">${escapeHtml(data.banner)}</p>`}
${data.problem === undefined ? "" : notice(`Your cart was not changed: ${data.problem}.`)}
<nav class="chips" aria-label="Categories">${chips(data.query)}</nav>
${renderProducts(data)}
</section>
<aside>${renderCart(data.cart)}</aside>
</main>
<footer>${served("storefront", data.self)}${servedOutcome("catalog", data.products)}${servedOutcome("cart", data.cart)}</footer>
</body>
</html>
`;
}

function renderProducts({ products, cart, query }: PageData): string {
  if (!products.ok)
    return notice("The catalog is away just now. Your cart is safe; please try again in a moment.");
  if (products.value.length === 0) return `<p class="empty">Nothing in store for “${escapeHtml(query)}”.</p>`;
  return `<div class="grid">${products.value.map((product) => renderProduct(product, cart.ok)).join("\n")}</div>`;
}

function renderProduct(product: Product, canBuy: boolean): string {
  return `<article class="product" style="--h:${hue(product.category)}">
<div class="art">${icon(product.category)}</div>
<div class="text"><em>${escapeHtml(product.category)}</em><h2>${escapeHtml(product.name)}</h2><p>${escapeHtml(product.description)}</p></div>
<form class="buy" method="post" action="/cart/add"><span class="price">${money(product.price)}</span><input type="hidden" name="productId" value="${escapeHtml(product.id)}"><button class="go"${canBuy ? "" : " disabled"}>Add to cart</button></form>
</article>`;
}

function renderCart(cart: Outcome<Cart>): string {
  if (!cart.ok)
    return `<h1>Your cart</h1>${notice("The cart is away just now. You can look around meanwhile.")}`;
  const { items, total } = cart.value;
  if (items.length === 0) return `<h1>Your cart</h1><p class="empty">Nothing stowed yet.</p>`;
  const count = items.reduce((sum, item) => sum + item.quantity, 0);
  return `<h1>Your cart <small>${count} ${count === 1 ? "piece" : "pieces"}</small></h1>
<ul class="items">${items.map(renderItem).join("\n")}</ul>
<p class="total"><span>Total</span><span>${money(total)}</span></p>
<form method="post" action="/cart/clear"><button class="plain">Empty the cart</button></form>`;
}

function renderItem(item: Item): string {
  const sum = { ...item.unitPrice, minorUnits: item.unitPrice.minorUnits * item.quantity };
  return `<li><span>${escapeHtml(item.name)}</span><b>${money(sum)}</b><form method="post" action="/cart/remove"><input type="hidden" name="productId" value="${escapeHtml(item.productId)}"><button class="plain" aria-label="Remove ${escapeHtml(item.name)}">✕</button></form><small>${item.quantity} × ${money(item.unitPrice)}</small></li>`;
}

function chips(query: string): string {
  const all = `<a href="/"${query === "" ? ' class="on"' : ""}>Everything</a>`;
  const each = categories.map((category) => {
    const on = query.toLowerCase() === category.toLowerCase() ? ' class="on"' : "";
    return `<a href="/?q=${category.toLowerCase()}"${on}>${category}</a>`;
  });
  return [all, ...each].join("");
}

function servedOutcome(name: string, result: Outcome<unknown>): string {
  return result.ok
    ? served(name, result.servedBy)
    : `<span>${name} <code>${escapeHtml(result.code)}</code></span>`;
}

function served(name: string, by: ServedBy): string {
  return `<span>${name} <code>${escapeHtml(by.version)}</code> from pod <code>${escapeHtml(by.pod)}</code></span>`;
}

function notice(text: string): string {
  return `<p class="notice" role="status">${escapeHtml(text)}</p>`;
}

/** The amount as people write it, such as €12.50. */
export function money({ currencyCode, minorUnits }: Money): string {
  const format = new Intl.NumberFormat("en-IE", { style: "currency", currency: currencyCode || "EUR" });
  return format.format(minorUnits / 100);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
