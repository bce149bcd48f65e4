import type { HttpClient } from "./client.ts";
import { log } from "./log.ts";
import { dropped, running } from "./metrics.ts";
import { nextRequest, type Request, type Visitor } from "./visitor.ts";

type Options = { client: HttpClient; rate: number; durationMs: number; random: () => number };

const visitorCount = 20;
/** Past this many under way a slow shop is not loaded any more; what is left out is counted. */
const maxUnderWay = 20;

/** Makes load until the duration is over or the function returned is called. */
export function makeLoad({ client, rate, durationMs, random }: Options): () => void {
  const visitors: Visitor[] = Array.from({ length: visitorCount }, () => ({ cookie: undefined }));
  let products: string[] = [];
  let underWay = 0;

  async function step(): Promise<void> {
    if (underWay >= maxUnderWay) return dropped.inc();
    underWay += 1;
    const request: Request =
      products.length === 0
        ? { method: "GET", path: "/api/products", template: "/api/products" }
        : nextRequest(random, products);
    const visitor = visitors[Math.floor(random() * visitors.length)] ?? { cookie: undefined };
    const answer = await client.send(request, visitor);
    underWay -= 1;
    if (request.path === "/api/products" && answer?.status === 200) products = readIds(answer.body);
  }

  const ticking = setInterval(() => void step(), 1000 / rate);
  const ending = setTimeout(end, durationMs);
  running.set(1);
  function end(): void {
    clearInterval(ticking);
    clearTimeout(ending);
    running.set(0);
    log("info", "load ended");
  }
  return end;
}

function readIds(body: string): string[] {
  try {
    const { products } = JSON.parse(body) as { products: { id: string }[] };
    return products.map(({ id }) => id);
  } catch {
    return [];
  }
}
