import { platform } from "./apps.ts";
import type { EstateApp, Tier } from "./estate.ts";
import { type Random, random } from "./random.ts";

/** Per tier: what it calls, at least and at most how many of each. */
const wants: Partial<Record<Tier, [Tier, number, number][]>> = {
  web: [["api", 2, 5]],
  api: [
    ["service", 1, 3],
    ["api", 0, 1],
  ],
  service: [
    ["service", 0, 2],
    ["store", 0, 1],
  ],
  worker: [
    ["service", 0, 1],
    ["store", 1, 1],
  ],
};

/**
 * Let apps call each other. An app calls only what came before it, mostly inside its domain and always inside its
 * pool, and rather what many call already (preferential attachment, Barabási and Albert 1999): so there are hubs,
 * and chains of services. A few services then call back, which closes cycles.
 */
export function connect(seed: number, apps: EstateApp[]): void {
  const draw = random(seed, "calls");
  const byName = new Map(apps.map((app) => [app.name, app]));
  const urns = urnsOf(draw);
  const call = (app: EstateApp, candidates: string[]) => {
    const callee = candidates.length > 0 ? byName.get(draw.pick(candidates)) : undefined;
    if (!callee || callee === app || app.calls.includes(callee.name)) return;
    app.calls.push(callee.name);
    urns.add(callee);
  };
  for (const app of apps) {
    for (const tier of wanted(draw, app)) call(app, urns.near(app, tier));
    if (mayCallHubs(app) && draw.chance(0.05)) call(app, urns.hubs);
    urns.add(app);
  }
  closeCycles(draw, apps, byName);
  for (const { calls } of apps) calls.sort();
}

/** The tiers an app calls, each as often as it calls one of them. */
function wanted(draw: Random, { domain, tier }: EstateApp): Tier[] {
  if (domain === platform) return [];
  return (wants[tier] ?? []).flatMap(([callee, least, most]) =>
    Array<Tier>(least + draw.int(most - least + 1)).fill(callee),
  );
}

const mayCallHubs = ({ domain, tier }: EstateApp) =>
  domain !== platform && tier !== "store" && tier !== "job";

/** What may be called: each app once, and once more for each call of it. */
function urnsOf(draw: Random) {
  const urns = new Map<string, string[]>();
  const urn = (key: string): string[] => {
    const known = urns.get(key) ?? [];
    urns.set(key, known);
    return known;
  };
  const hubs: string[] = [];
  return {
    hubs,
    add: ({ name, domain, tier }: EstateApp) => {
      if (domain === platform) hubs.push(name);
      else for (const place of [domain.name, domain.pool]) urn(`${place} ${tier}`).push(name);
    },
    /** Three of four calls stay inside the domain. */
    near: ({ domain }: EstateApp, tier: Tier) => {
      const inside = urn(`${domain.name} ${tier}`);
      return draw.chance(0.75) && inside.length > 0 ? inside : urn(`${domain.pool} ${tier}`);
    },
  };
}

/** One API of 50 is called back by a service it calls. */
function closeCycles(draw: Random, apps: EstateApp[], byName: Map<string, EstateApp>): void {
  const calling = apps.filter(
    ({ tier, calls }) => tier === "api" && calls.some((name) => byName.get(name)?.domain !== platform),
  );
  for (const api of draw.sample(calling, Math.ceil(calling.length / 50))) {
    const services = api.calls.flatMap((name) => {
      const callee = byName.get(name);
      return callee && callee.domain !== platform ? [callee] : [];
    });
    draw.pick(services).calls.push(api.name);
  }
}
