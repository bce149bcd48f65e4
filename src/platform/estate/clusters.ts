import type { EstateCluster } from "./estate.ts";
import { regions } from "./words.ts";

/** How many clusters an app runs on, about: 30 where there are enough of them. */
export function placementsOf(clusters: number): number {
  return clusters >= 60 ? 30 : Math.ceil(clusters / 2);
}

/** Clusters in pools of about as many as an app runs on, each pool with every environment where it is large enough. */
export function estateClusters(count: number): EstateCluster[] {
  const pools = Math.max(1, Math.round(count / placementsOf(count)));
  return Array.from({ length: count }, (_, i) => {
    const place = Math.floor(i / pools);
    const environment = environmentOf(place, Math.floor((count - 1 - (i % pools)) / pools) + 1);
    const region = regions[place % regions.length] ?? "eu";
    return {
      name: `${region}-${environment}-${String(i + 1).padStart(String(count).length, "0")}`,
      environment,
      region,
      tier: environment === "prod" && place % 4 === 3 ? "edge" : "core",
      pool: poolName(i % pools, pools),
    };
  });
}

function poolName(index: number, pools: number): string {
  return `p${String(index + 1).padStart(String(pools).length, "0")}`;
}

/** Of ten clusters one is for development, two for staging. */
function environmentOf(place: number, size: number): string {
  if (size === 1) return "prod";
  if (size === 2) return place === 0 ? "staging" : "prod";
  if (place % 10 === 0) return "dev";
  return place % 5 === 1 ? "staging" : "prod";
}
