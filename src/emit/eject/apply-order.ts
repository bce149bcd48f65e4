import type { Bundle, ClusterPlan } from "../../compile/plan.ts";

/** The list of a cluster's artifacts as `build` writes it. */
export function artifactsOf(
  cluster: string,
  files: ReadonlyMap<string, string>,
): { name: string; path: string; with?: string[] }[] {
  return JSON.parse(files.get(`clusters/${cluster}/artifacts.json`) ?? '{"artifacts":[]}').artifacts;
}

/** Which file or folder of the repo holds a bundle. */
export function bundlePaths(cluster: string, files: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(artifactsOf(cluster, files).map(({ name, path }) => [name, path]));
}

/** The paths of a cluster's bundles, each after those it waits for; what is encrypted is not among them. */
export function applyOrder(cluster: ClusterPlan, files: ReadonlyMap<string, string>): string[] {
  const paths = bundlePaths(cluster.name, files);
  const bundles = new Map(cluster.bundles.map((bundle) => [bundle.name, bundle]));
  const order = new Set<Bundle>();
  const visit = (bundle: Bundle | undefined): void => {
    if (!bundle || order.has(bundle)) return;
    for (const name of bundle.after) visit(bundles.get(name));
    order.add(bundle);
  };
  for (const bundle of cluster.bundles) visit(bundle);
  return [...order].filter(({ kind }) => kind !== "secrets").flatMap(({ name }) => paths.get(name) ?? []);
}
