import type { Bundle, ClusterPlan, Plan } from "../../compile/plan.ts";
import { canonicalJson, sha256 } from "../../util/hash.ts";

/** Content that placements share: written once, referenced by every cluster that has it. */
export interface Variant {
  /** The folder in the fleet repo: `apps/cart/base`. */
  path: string;
  bundle: Bundle;
  /** The clusters it is for, sorted. */
  clusters: string[];
}

const folders = { app: "apps", part: "parts", secrets: "secrets" } as const;

/**
 * Group equal bundles over all clusters. A variant all clusters share is `base`; else it is named after its clusters'
 * environment when it is that environment's only one, else after its first cluster. Bundles without content get none.
 */
export function variantsOf(plan: Plan): Variant[] {
  const groups = new Map<string, Map<string, Variant>>();
  for (const cluster of plan.clusters) {
    for (const bundle of cluster.bundles) {
      if (bundle.objects.length === 0 && Object.keys(bundle.files).length === 0) continue;
      const owner = `${folders[bundle.kind]}/${bundle.owner}`;
      const content = sha256(canonicalJson([bundle.objects, bundle.files]));
      const group = groups.get(owner) ?? new Map<string, Variant>();
      groups.set(owner, group);
      const known = group.get(content);
      if (known) known.clusters.push(cluster.name);
      else group.set(content, { path: owner, bundle, clusters: [cluster.name] });
    }
  }
  return [...groups.values()]
    .flatMap((group) => named([...group.values()], plan))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The variants of one cluster with its own bundles: what a bundle waits for may differ where its content does not. */
export function variantsIn(cluster: ClusterPlan, variants: Variant[]): Variant[] {
  return variants
    .filter(({ clusters }) => clusters.includes(cluster.name))
    .map((variant) => ({
      ...variant,
      bundle: cluster.bundles.find(({ name }) => name === variant.bundle.name) ?? variant.bundle,
    }));
}

function named(variants: Variant[], plan: Plan): Variant[] {
  if (variants.length === 1) return variants.map((variant) => ({ ...variant, path: `${variant.path}/base` }));
  const environmentOf = (cluster: string) =>
    plan.clusters.find(({ name }) => name === cluster)?.facts.environment;
  const environments = variants.map(({ clusters }) => new Set(clusters.map(environmentOf)));
  return variants.map((variant, i) => {
    const [environment] = environments[i] ?? [];
    const alone =
      environments.filter((set) => set.has(environment)).length === 1 && environments[i]?.size === 1;
    return {
      ...variant,
      path: `${variant.path}/${alone && environment ? environment : variant.clusters[0]}`,
    };
  });
}
