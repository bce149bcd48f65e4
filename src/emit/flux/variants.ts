import type { Content } from "../../compile/content.ts";
import type { Bundle, Plan } from "../../compile/plan.ts";
import { sha256 } from "../../util/hash.ts";

/** Content that placements share: written once, referenced by every cluster that has it. */
export interface Variant {
  /** In the fleet repo: the file of an app's objects (`apps/cart.yaml`), else a folder (`parts/flux/base`). */
  path: string;
  bundle: Bundle;
  /** The clusters it is for, in the plan's order. */
  clusters: string[];
}

/** The variants of a plan: all of them by path, and each cluster's in the order of its bundles. */
export interface Variants {
  all: Variant[];
  on: Map<string, { bundle: Bundle; variant: Variant }[]>;
}

const folders = { app: "apps", part: "parts", secrets: "secrets" } as const;

/**
 * Group equal bundles over all clusters. The only variant of an owner has no name but `base`; of several, one is named
 * after its clusters' environment when it is that environment's only one, else after its first cluster. Bundles
 * without content get none.
 */
export function variantsOf(plan: Plan): Variants {
  const owners = new Map<string, Map<string, Variant>>();
  const on: Variants["on"] = new Map(plan.clusters.map(({ name }) => [name, []]));
  const keys = contentKeys();
  for (const cluster of plan.clusters) {
    const here = on.get(cluster.name);
    for (const bundle of cluster.bundles) {
      const key = keys(bundle);
      if (key === "") continue;
      const owner = `${folders[bundle.kind]}/${bundle.owner}`;
      const group = owners.get(owner) ?? new Map<string, Variant>();
      owners.set(owner, group);
      const variant = group.get(key) ?? { path: owner, bundle, clusters: [] };
      group.set(key, variant);
      variant.clusters.push(cluster.name);
      here?.push({ bundle, variant });
    }
  }
  const environments = new Map(plan.clusters.map(({ name, facts }) => [name, facts.environment]));
  for (const group of owners.values()) nameVariants([...group.values()], environments);
  const all = [...owners.values()].flatMap((group) => [...group.values()]);
  return { all: all.sort((a, b) => (a.path < b.path ? -1 : 1)), on };
}

/** Equal bundles have equal keys; the empty one where there is nothing. */
function contentKeys(): (bundle: Bundle) => string {
  const files = new Map<Bundle["files"], string>();
  const empty = (content: Content) => content.facts.identities.length === 0;
  return ({ content, files: texts }) => {
    if (Object.keys(texts).length === 0) return empty(content) ? "" : content.digest;
    const known = files.get(texts) ?? sha256(JSON.stringify(texts));
    files.set(texts, known);
    return `${empty(content) ? "" : content.digest} ${known}`;
  };
}

function nameVariants(variants: Variant[], environmentOf: Map<string, string | undefined>): void {
  const names = variants.length === 1 ? ["base"] : namesOf(variants, environmentOf);
  for (const [i, variant] of variants.entries()) {
    const name = names[i] as string;
    if (variant.bundle.kind !== "app") variant.path += `/${name}`;
    else variant.path += name === "base" ? ".yaml" : `.${name}.yaml`;
  }
}

function namesOf(variants: Variant[], environmentOf: Map<string, string | undefined>): string[] {
  const sets = variants.map(({ clusters }) => new Set(clusters.map((name) => environmentOf.get(name))));
  const count = new Map<string | undefined, number>();
  for (const set of sets)
    for (const environment of set) count.set(environment, (count.get(environment) ?? 0) + 1);
  const alone = sets.map((set) => {
    const [environment] = set;
    return set.size === 1 && count.get(environment) === 1 ? environment : undefined;
  });
  const taken = new Set(alone);
  return variants.map(({ clusters: [first = ""] }, i) => {
    const environment = alone[i];
    if (environment) return environment;
    // An environment may have a cluster's name.
    return taken.has(first) ? `${first}.cluster` : first;
  });
}
