import { describe, expect, it } from "vitest";
import { decide } from "./decide.ts";
import { lastGood } from "./pairs.ts";
import type { Release } from "./release.ts";
import { exampleRelease } from "./testing/example.ts";
import { contentOf, revisionOf } from "./testing/versions.ts";
import { iso } from "./time.ts";

const now = Date.parse(exampleRelease().startedAt) + 60_000;
const shop = exampleRelease().moves;
const cart = shop.map((move) => ({
  ...move,
  bundle: "cart",
  from: contentOf({ name: "cart", canary: false }, 1, false, "releases/shop-2/from/cart.yaml"),
  to: contentOf({ name: "cart", canary: false }, 2, false, "releases/shop-2/to/cart.yaml"),
  back: contentOf({ name: "cart", canary: false }, 1, true, "releases/shop-2/back/cart.yaml"),
}));

/** Proven on eu, on its way on us. */
const running: Release = exampleRelease({
  phase: "running",
  moves: [...shop, ...cart],
  wave: 1,
  clusters: { eu: { state: "updated", since: iso(now) }, us: { state: "updating", since: iso(now) } },
  log: [{ step: 1, at: iso(now), action: "start", wave: 0 }],
});
const hotfix = exampleRelease({ id: "fix", priority: 10, startedAt: iso(now) });
const both = {
  shop: revisionOf({ bundle: "shop", version: 2, skip: false }),
  cart: revisionOf({ bundle: "cart", version: 2, skip: false }),
};
const seen = { clusters: {}, gates: [], pointers: { eu: both, us: both } };

describe("a hotfix of a part of what a release moves", () => {
  const [action] = decide([running, hotfix], seen, now);

  it("keeps what is proven of its own part, and sends the rest back", () => {
    expect(action?.kind).toBe("supersede");
    expect(action?.pointers).toEqual([
      { cluster: "eu", bundle: "cart", path: "releases/shop-2/back/cart.yaml" },
      { cluster: "us", bundle: "shop", path: "releases/shop-2/back/shop.yaml" },
      { cluster: "us", bundle: "cart", path: "releases/shop-2/back/cart.yaml" },
    ]);
    expect(action?.release).toMatchObject({
      phase: "returning",
      becomes: "superseded",
      returns: ["eu", "us"],
    });
    expect(action?.release.moves.map(({ bundle }) => bundle)).toEqual(["cart"]);
  });

  it("starts while the rest goes back, and from what is good on each cluster", () => {
    expect(lastGood([running], "eu", "shop", both.shop)).toBeUndefined();
    expect(lastGood([running], "us", "shop", both.shop)?.path).toBe("releases/shop-2/from/shop.yaml");
    const after = {
      ...seen,
      pointers: {
        eu: { ...both, cart: "latest@sha256:cart-1" },
        us: { shop: "latest@sha256:shop-1-skip", cart: "latest@sha256:cart-1" },
      },
    };
    const releases = action ? [action.release, hotfix] : [];
    // It was made before eu was proven: its way back is made anew first.
    expect(decide(releases, after, now + 1000).map(({ kind, release }) => [release.id, kind])).toEqual([
      ["fix", "rebase"],
    ]);
  });
});
