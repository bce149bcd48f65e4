import type { Domain, EstateApp, Tier } from "./estate.ts";
import { type Random, random } from "./random.ts";
import { nouns, regions } from "./words.ts";

/** Of 100 apps; the rest are services. */
const shares: [Tier, number][] = [
  ["store", 14],
  ["service", 0],
  ["api", 22],
  ["web", 10],
  ["worker", 10],
  ["job", 2],
];

/** Hubs that apps of every domain may call, on every cluster. */
const hubs = ["identity", "flags", "audit", "notify", "geocode", "translate", "render", "quota"];

export const platform: Domain = { name: "platform", pool: "", teams: ["platform-core"] };

/** Every app without calls and traits, what is called before what calls it. */
export function estateApps(
  seed: number,
  count: number,
  domains: { domain: Domain; weight: number }[],
): EstateApp[] {
  const draw = random(seed, "apps");
  const hubCount = Math.min(hubs.length, Math.max(1, Math.round(count / 2000)));
  const made = hubs.slice(0, hubCount).map((noun) => appOf(draw, platform, "service", `platform-${noun}`));
  const fixed = shares.reduce((sum, [, share]) => sum + Math.round((count * share) / 100), 0);
  const names = nameGiver(seed);
  const pickDomain = weighted(draw, domains);
  for (const [tier, share] of shares) {
    const wanted = tier === "service" ? count - fixed - hubCount : Math.round((count * share) / 100);
    for (let i = 0; i < wanted; i++) {
      const domain = pickDomain();
      made.push(appOf(draw, domain, tier, names(domain, tier)));
    }
  }
  return made;
}

function appOf(draw: Random, domain: Domain, tier: Tier, name: string): EstateApp {
  const version = `${draw.int(5)}.${draw.int(30)}.${draw.int(12)}`;
  return {
    name,
    domain,
    team: draw.pick(domain.teams),
    tier,
    version,
    region: draw.pick(regions),
    calls: [],
    more: domain === platform ? { on: {} } : {},
  };
}

function weighted(draw: Random, domains: { domain: Domain; weight: number }[]): () => Domain {
  const urn = domains.flatMap(({ domain, weight }) => Array<Domain>(weight).fill(domain));
  return () => draw.pick(urn);
}

/** Names of a domain and tier: nouns in an order of their own, numbered when they run out. */
function nameGiver(seed: number): (domain: Domain, tier: Tier) => string {
  const counts = new Map<string, number>();
  const starts = random(seed, "names");
  const firsts = new Map<string, number>();
  return (domain, tier) => {
    const key = `${domain.name} ${tier}`;
    const first = firsts.get(key) ?? starts.int(nouns.length);
    firsts.set(key, first);
    const i = counts.get(key) ?? 0;
    counts.set(key, i + 1);
    const noun = nouns[(first + i * 7) % nouns.length];
    const round = Math.floor(i / nouns.length);
    const suffix = tier === "service" ? "" : `-${tier}`;
    return `${domain.name}-${noun}${suffix}${round ? `-${round + 1}` : ""}`;
  };
}
