import type { ClusterPlan } from "../../compile/plan.ts";
import { toYaml } from "../../util/yaml.ts";
import { declaredName, type HelmApp } from "./apps.ts";

/** Where an app's values for a group of clusters are. */
export const valuesPath = (app: string, group: string) => `values/${app}/${group}.yaml`;

/** The releases of a cluster, as Helmfile reads them, and the namespaces they are in; none without apps. */
export function clusterFiles(cluster: ClusterPlan, apps: Map<string, HelmApp>): [string, string][] {
  if (cluster.apps.length === 0) return [];
  const here = new Map(cluster.apps.map((app) => [declaredName(app), app]));
  const releases = [...here].map(([app, { namespace, spec }]) => {
    const needs = spec.after.flatMap((other) => {
      const first = here.get(other);
      return first ? [`${first.namespace}/${other}`] : [];
    });
    const group = apps.get(app)?.on.get(cluster.name)?.name ?? "";
    const values = [`../../${valuesPath(app, group)}`];
    return { name: app, namespace, chart: "../../chart", values, ...(needs.length > 0 && { needs }) };
  });
  const used = new Set(cluster.apps.map(({ namespace }) => namespace));
  const namespaces = cluster.namespaces.filter(({ metadata }) => used.has(metadata.name));
  return [
    [`clusters/${cluster.name}/helmfile.yaml`, toYaml({ releases })],
    [`clusters/${cluster.name}/namespaces.yaml`, namespaces.map(toYaml).join("---\n")],
  ];
}
