import { setTimeout as sleep } from "node:timers/promises";
import { type ShopCopy, visit } from "./landfall.ts";

/** One request of a visitor, and what came of it. */
export interface Visit {
  /** Epoch milliseconds. */
  at: number;
  /** The status, or why no answer came. */
  result: number | string;
  /** Which of the storefront's pods answered: of the version that serves, of the one that is looked at, or none. */
  by: "primary" | "canary" | "nobody";
  pod: string | undefined;
  /** What the page announces, by which a version shows. */
  banner: string | undefined;
}

export interface Visitors {
  /** All visits so far. */
  visits: readonly Visit[];
  /** Ends them, and waits for the last answers. */
  end(): Promise<readonly Visit[]>;
}

/** So many requests are under way at most; one that hangs is told by its time limit. */
const mostUnderWay = 50;

/** Visitors who open the page through the gateway, `rate` a second on new connections, for `limitMs` at most. */
export function sendVisitors(shop: ShopCopy, { rate = 10, limitMs = 900_000 } = {}): Visitors {
  const visits: Visit[] = [];
  const ending = new AbortController();
  const underWay = new Set<Promise<void>>();
  const until = Date.now() + limitMs;
  const one = async () => {
    const at = Date.now();
    try {
      const { status, servedBy, body } = await visit(shop, "/");
      visits.push({ at, result: status, by: roleOf(servedBy), pod: servedBy, banner: bannerOf(body) });
    } catch (error) {
      visits.push({ at, result: (error as Error).message, by: "nobody", pod: undefined, banner: undefined });
    }
  };
  const all = (async () => {
    while (!ending.signal.aborted && Date.now() < until) {
      if (underWay.size < mostUnderWay) {
        const work = one().finally(() => underWay.delete(work));
        underWay.add(work);
      }
      await sleep(1000 / rate, undefined, { signal: ending.signal }).catch(() => undefined);
    }
    await Promise.all(underWay);
  })();
  return {
    visits,
    end: async () => {
      ending.abort();
      await all;
      return visits;
    },
  };
}

const bannerOf = (body: string) => /<p class="banner">([^<]*)</.exec(body)?.[1];

function roleOf(pod: string | undefined): Visit["by"] {
  if (!pod) return "nobody";
  return pod.startsWith("storefront-primary-") ? "primary" : "canary";
}

/** The visits that went wrong. */
export function failed(visits: readonly Visit[]): Visit[] {
  return visits.filter(({ result }) => result !== 200);
}

/** How many went to whom, and how many of them failed: `{ primary: [812, 0], canary: [67, 33], nobody: [0, 0] }`. */
export function countBy(visits: readonly Visit[]): Record<Visit["by"], [all: number, failed: number]> {
  const of = (by: Visit["by"]): [number, number] => {
    const own = visits.filter((one) => one.by === by);
    return [own.length, failed(own).length];
  };
  return { primary: of("primary"), canary: of("canary"), nobody: of("nobody") };
}
