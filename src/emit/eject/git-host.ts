/**
 * What makes a cluster read a Git host, where landfall handed it the commits: the controllers that fetch and split the
 * repository, and the sources themselves. The artifacts have the names that the fleet's Kustomizations know, so none
 * of those changes.
 */
import type { ClusterPlan, Plan } from "../../compile/plan.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import { canonicalJson } from "../../util/hash.ts";
import { toYaml } from "../../util/yaml.ts";
import { artifactGenerators, gitRepository, gitSourceRef } from "../flux/git-source.ts";
import { bringsDelivery, rootKustomization, rootName } from "../flux/kustomization.ts";
import type { Variants } from "../flux/variants.ts";
import { artifactsOf } from "./apply-order.ts";

/** Whether a cluster reads the Git host as it is built. */
export function isHosted(plan: Plan, cluster: ClusterPlan): boolean {
  return plan.fleet.url !== undefined && cluster.spec.type !== "local";
}

/** The files of `git/<cluster>`. */
export function gitHostFiles(of: {
  plan: Plan;
  cluster: ClusterPlan;
  hosted: ClusterPlan;
  url: string;
  variants: Variants;
  /** What `build` writes. */
  files: ReadonlyMap<string, string>;
}): [path: string, text: string][] {
  const { plan, cluster, hosted, url, variants, files } = of;
  const namespace = cluster.deliveryNamespace;
  const withUrl = { ...plan, fleet: { ...plan.fleet, url } };
  const sources = [
    gitRepository(withUrl, namespace),
    ...artifactGenerators(variants.on.get(cluster.name) ?? [], namespace),
    rootKustomization(namespace, { ...gitSourceRef(cluster.name), path: `./git/${cluster.name}` }),
  ];
  const parts = ["controllers.yaml", "fleet.yaml"];
  const resources = [...parts, ...rootFiles(cluster.name, files).map((path) => `../../${path}`)];
  return [
    ["controllers.yaml", documents(sourceControllers(cluster, hosted))],
    ["fleet.yaml", documents(sources)],
    [
      "kustomization.yaml",
      toYaml({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources }),
    ],
  ];
}

/** What delivery has with a Git host and lacks without one. */
function sourceControllers(cluster: ClusterPlan, hosted: ClusterPlan): KubernetesObject[] {
  const key = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.namespace} ${metadata.name}`;
  const objectsOf = ({ bundles }: ClusterPlan) => bundles.find(bringsDelivery)?.objects ?? [];
  const there = new Map(objectsOf(cluster).map((object) => [key(object), canonicalJson(object)]));
  return objectsOf(hosted).flatMap((object) => {
    const known = there.get(key(object));
    if (known === undefined) return [object];
    // Policies add up, so one more opens what the Git host needs.
    if (object.kind !== "NetworkPolicy" || known === canonicalJson(object)) return [];
    return [{ ...object, metadata: { ...object.metadata, name: `${object.metadata.name}-sources` } }];
  });
}

/** All the cluster's root consists of: in the repository it may share Kustomizations with others. */
function rootFiles(cluster: string, files: ReadonlyMap<string, string>): string[] {
  const root = `clusters/${cluster}/root/`;
  const own = [...files.keys()].filter((path) => path.startsWith(root));
  return [...own, ...(artifactsOf(cluster, files).find(({ name }) => name === rootName)?.with ?? [])];
}

const documents = (objects: KubernetesObject[]) => objects.map(toYaml).join("---\n");
