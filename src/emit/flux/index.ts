/**
 * The fleet repo: the Plan as the files that Flux reads. Nothing in it refers to landfall, so it works without.
 *
 *     clusters/<cluster>/bootstrap/   applied once by hand or by `up`: where Flux starts
 *     clusters/<cluster>/root/        namespaces and one Kustomization a bundle
 *     clusters/<cluster>/artifacts.json  what each artifact holds (read by the publisher without a Git host)
 *     delivery/<bundle>.yaml          a Kustomization that several clusters share
 *     apps/<app>.yaml                 an app's objects; where clusters differ, apps/<app>.<variant>.yaml each
 *     releases/                       what releases move, as long as they do; not written here
 *     dns.json                        what whoever keeps names that clusters share must know
 *     parts/<part>/<variant>/ · secrets/<namespace>/<variant>/   one file an object
 */
import type { ClusterPlan, Plan } from "../../compile/plan.ts";
import { dnsPath, dnsText } from "../../dns/declared.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import { toYaml } from "../../util/yaml.ts";
import { declaredDns } from "./dns.ts";
import { objectFiles } from "./file-name.ts";
import { artifactGenerators, gitRepository, gitSourceRef } from "./git-source.ts";
import { rootKustomization, rootName } from "./kustomization.ts";
import { listText } from "./pointers.ts";
import { fleetReadme } from "./readme.ts";
import { type SharedKustomizations, shareKustomizations } from "./shared.ts";
import { type FleetTree, fileOf } from "./tree.ts";
import { type Variants, variantsOf } from "./variants.ts";

export { declaredDns } from "./dns.ts";
export { decryptionSecret, rootName } from "./kustomization.ts";
export { generatorPath, listPath, pointersIn, withGeneratorPointers, withPointers } from "./pointers.ts";
export { type FleetFile, type FleetTree, fileOf } from "./tree.ts";
export { type Variants, variantsOf } from "./variants.ts";

/** Path in the fleet repo → text. Sorted by path. */
export type FleetFiles = Map<string, string>;

/** Every file of the fleet repo with its text; the same Plan gives the same bytes. */
export function emitFleet(plan: Plan): FleetFiles {
  return new Map([...fleetTree(plan)].map(([path, { text }]) => [path, text]));
}

/** Every file of the fleet repo, its text made when it is read. */
export function fleetTree(plan: Plan, variants = variantsOf(plan)): FleetTree {
  const tree: FleetTree = new Map([["README.md", fileOf(fleetReadme(plan, variants.all))]]);
  for (const { path, bundle } of variants.all) {
    if (bundle.kind === "app") tree.set(path, bundle.content);
    else {
      for (const [name, object] of objectFiles(bundle)) tree.set(`${path}/${name}`, fileOf(toYaml(object)));
      for (const [name, text] of Object.entries(bundle.files)) tree.set(`${path}/${name}`, fileOf(text));
    }
  }
  const shared = shareKustomizations(plan, variants);
  for (const [path, text] of shared.files) tree.set(path, fileOf(text));
  for (const cluster of plan.clusters) {
    for (const [path, text] of clusterFiles(plan, cluster, variants, shared))
      tree.set(`clusters/${cluster.name}/${path}`, fileOf(text));
  }
  const dns = declaredDns(plan);
  if (dns) tree.set(dnsPath, fileOf(dnsText(dns)));
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function clusterFiles(
  plan: Plan,
  cluster: ClusterPlan,
  variants: Variants,
  shared: SharedKustomizations,
): [string, string][] {
  const namespace = cluster.deliveryNamespace;
  const here = variants.on.get(cluster.name) ?? [];
  // A cluster of this machine is handed the commits by its supervisor, also where the fleet is on a Git host.
  const hosted = plan.fleet.url !== undefined && cluster.spec.type !== "local";
  const { own = "", paths = [] } = shared.on.get(cluster.name) ?? {};
  const root = rootKustomization(
    namespace,
    hosted ? gitSourceRef(cluster.name) : { kind: "ExternalArtifact", name: rootName },
  );
  const files: [string, string][] = [
    [
      "bootstrap/namespace.yaml",
      documents(cluster.namespaces.filter(({ metadata }) => metadata.name === namespace)),
    ],
    ["bootstrap/cluster.yaml", documents(hosted ? [gitRepository(plan, namespace), root] : [root])],
    ["root/namespaces.yaml", documents(cluster.namespaces)],
  ];
  if (own !== "") files.push(["root/kustomizations.yaml", own]);
  if (hosted) {
    files.push(["root/artifacts.yaml", documents(artifactGenerators(here, namespace))]);
    if (paths.length > 0) files.push(["root/kustomization.yaml", kustomizationFile(files, paths)]);
  }
  files.push(["artifacts.json", artifactList(cluster.name, here, paths)]);
  return files;
}

/** What the root consists of, where some of it lies outside: otherwise Flux takes every file there is. */
function kustomizationFile(files: [string, string][], paths: string[]): string {
  const own = files.map(([path]) => path).filter((path) => path.startsWith("root/"));
  const resources = [
    ...own.map((path) => path.slice("root/".length)),
    ...paths.map((path) => `../../../${path}`),
  ];
  return toYaml({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources });
}

/** The root takes the shared Kustomizations in. */
function artifactList(
  cluster: string,
  here: { bundle: { name: string }; variant: { path: string } }[],
  paths: string[],
) {
  const root = { name: rootName, path: `clusters/${cluster}/root`, ...(paths.length > 0 && { with: paths }) };
  return listText([root, ...here.map(({ bundle, variant }) => ({ name: bundle.name, path: variant.path }))]);
}

function documents(objects: KubernetesObject[]): string {
  return objects.map(toYaml).join("---\n");
}
