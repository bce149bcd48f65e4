/**
 * The fleet repo: the Plan as the files that Flux reads. Nothing in it refers to landfall, so it works without.
 *
 *     clusters/<cluster>/bootstrap/   applied once by hand or by `up`: where Flux starts
 *     clusters/<cluster>/root/        namespaces and one Kustomization a bundle
 *     clusters/<cluster>/artifacts.json  which folder each artifact holds (read by the publisher without a Git host)
 *     apps/<app>/<variant>/ · parts/<part>/<variant>/ · secrets/<namespace>/<variant>/   one file an object
 */
import type { ClusterPlan, Plan } from "../../compile/plan.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import { toYaml } from "../yaml.ts";
import { objectFiles } from "./file-name.ts";
import { artifactGenerator, gitRepository, gitSourceRef } from "./git-source.ts";
import { bundleKustomization, rootKustomization, rootName } from "./kustomization.ts";
import { fleetReadme } from "./readme.ts";
import { type Variant, variantsIn, variantsOf } from "./variants.ts";

export { decryptionSecret, rootName } from "./kustomization.ts";

/** Path in the fleet repo → text. Sorted by path. */
export type FleetFiles = Map<string, string>;

/** Every file of the fleet repo; the same Plan gives the same bytes. */
export function emitFleet(plan: Plan): FleetFiles {
  const variants = variantsOf(plan);
  const files = new Map<string, string>([["README.md", fleetReadme(plan, variants)]]);
  for (const { path, bundle } of variants) {
    for (const [name, object] of objectFiles(bundle)) files.set(`${path}/${name}`, toYaml(object));
    for (const [name, text] of Object.entries(bundle.files)) files.set(`${path}/${name}`, text);
  }
  for (const cluster of plan.clusters) {
    for (const [path, text] of clusterFiles(plan, cluster, variantsIn(cluster, variants)))
      files.set(`clusters/${cluster.name}/${path}`, text);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function clusterFiles(plan: Plan, cluster: ClusterPlan, variants: Variant[]): [string, string][] {
  const namespace = cluster.deliveryNamespace;
  // A cluster of this machine is handed the commits by its supervisor, also where the fleet is on a Git host.
  const hosted = plan.fleet.url !== undefined && cluster.spec.type !== "local";
  const kustomizations = variants.map(({ bundle }) => bundleKustomization(bundle, namespace));
  const root = rootKustomization(
    namespace,
    hosted ? gitSourceRef(cluster.name) : { kind: "ExternalArtifact", name: rootName },
  );
  const artifacts = variants.map(({ bundle, path }) => ({ name: bundle.name, path }));
  return [
    [
      "bootstrap/namespace.yaml",
      documents(cluster.namespaces.filter(({ metadata }) => metadata.name === namespace)),
    ],
    ["bootstrap/cluster.yaml", documents(hosted ? [gitRepository(plan, namespace), root] : [root])],
    ["root/namespaces.yaml", documents(cluster.namespaces)],
    ["root/kustomizations.yaml", documents(kustomizations)],
    ...(hosted
      ? [["root/artifacts.yaml", toYaml(artifactGenerator(variants, namespace))] as [string, string]]
      : []),
    [
      "artifacts.json",
      `${JSON.stringify({ artifacts: [{ name: rootName, path: `clusters/${cluster.name}/root` }, ...artifacts] }, null, 2)}\n`,
    ],
  ];
}

function documents(objects: KubernetesObject[]): string {
  return objects.map(toYaml).join("---\n");
}
