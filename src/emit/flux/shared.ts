import type { Bundle, Plan } from "../../compile/plan.ts";
import { toYaml } from "../../util/yaml.ts";
import { bringsDelivery, bundleKustomization, waits } from "./kustomization.ts";
import type { Variants } from "./variants.ts";

/** The Kustomizations of all clusters: those that several share stand once. */
export interface SharedKustomizations {
  /** Path → text. */
  files: [path: string, text: string][];
  /** For each cluster the YAML documents of its own, and the paths of those it shares. */
  on: Map<string, { own: string; paths: string[] }>;
}

/**
 * A bundle's Kustomization is mostly the same on every cluster, so that bytes grow with what differs. The one that most
 * clusters have is shared; a cluster with another one has it among its own.
 */
export function shareKustomizations(plan: Plan, variants: Variants): SharedKustomizations {
  const texts = new Map<string, string>();
  const counts = new Map<string, Map<string, number>>();
  const textOf = (bundle: Bundle, namespace: string): string => {
    const { name, after } = bundle;
    const key = [namespace, name, waits(bundle), bringsDelivery(bundle), ...after].join(" ");
    const text = texts.get(key) ?? toYaml(bundleKustomization(bundle, namespace));
    texts.set(key, text);
    return text;
  };
  const perCluster = plan.clusters.map(({ name, deliveryNamespace }) => {
    const all = (variants.on.get(name) ?? []).map(({ bundle }) => {
      const text = textOf(bundle, deliveryNamespace);
      const count = counts.get(bundle.name) ?? new Map<string, number>();
      counts.set(bundle.name, count.set(text, (count.get(text) ?? 0) + 1));
      return { bundle: bundle.name, text };
    });
    return { name, all };
  });
  const shared = new Map<string, string>();
  for (const [bundle, count] of counts) {
    const [most] = [...count].sort(([, a], [, b]) => b - a);
    if (most && most[1] > 1) shared.set(bundle, most[0]);
  }
  const pathOf = (bundle: string) => `delivery/${bundle}.yaml`;
  return {
    files: [...shared].map(([bundle, text]) => [pathOf(bundle), text]),
    on: new Map(
      perCluster.map(({ name, all }) => {
        const own = all.filter(({ bundle, text }) => shared.get(bundle) !== text).map(({ text }) => text);
        const others = all.filter(({ bundle, text }) => shared.get(bundle) === text);
        return [name, { own: own.join("---\n"), paths: others.map(({ bundle }) => pathOf(bundle)).sort() }];
      }),
    ),
  };
}
