import type { Domain } from "./estate.ts";
import { random } from "./random.ts";
import { capabilities, teamNouns, units } from "./words.ts";

/** Domains of about 60 apps and of unequal size, as many for each pool. */
export function estateDomains(
  seed: number,
  apps: number,
  pools: string[],
): { domain: Domain; weight: number }[] {
  const { int } = random(seed, "domains");
  const perPool = Math.max(1, Math.round(apps / 60 / pools.length));
  const count = perPool * pools.length;
  return Array.from({ length: count }, (_, i) => {
    const weight = 50 + int(150);
    const name = domainName(i);
    const teams = teamNouns.slice(0, 1 + Math.floor(weight / 50)).map((noun) => `${name}-${noun}`);
    return { domain: { name, pool: pools[i % pools.length] ?? "", teams }, weight };
  });
}

function domainName(index: number): string {
  const capability = capabilities[index % capabilities.length] ?? "";
  const round = Math.floor(index / capabilities.length);
  if (round === 0) return capability;
  const unit = units[(round - 1) % units.length] ?? "";
  const again = Math.floor((round - 1) / units.length);
  return `${unit}${again || ""}-${capability}`;
}
