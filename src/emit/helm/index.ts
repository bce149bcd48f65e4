/**
 * The company's apps for users of Helm: one generic chart, and values for each app and environment. Pure: Plan in,
 * path → text out.
 *
 *     chart/                              the generic chart
 *     values/<app>/<environment>.yaml     all values of an app; `<environment>.<cluster>.yaml` where its clusters differ
 *     apps/<app>/                         a chart of an app with those it calls
 *     clusters/<cluster>/helmfile.yaml    the releases of a cluster, in the form of Helmfile
 *     clusters/<cluster>/namespaces.yaml
 *     secrets/<namespace>/<environment>/  ciphertext, for SOPS
 */
import type { ClusterPlan, Plan } from "../../compile/plan.ts";
import { toYaml } from "../../util/yaml.ts";
import { chartFiles } from "./chart.ts";
import { type Group, groupsOf, type HelmApp, type Placement } from "./groups.ts";
import { helmReadme } from "./readme.ts";
import { type Stack, stackFiles } from "./stack.ts";
import { valuesOf } from "./values.ts";

/** Every file of the export; the same Plan gives the same bytes. Sorted by path. */
export function emitHelm(plan: Plan): Map<string, string> {
  const placements = plan.clusters.flatMap(placementsOf);
  const apps = [...Map.groupBy(placements, ({ app }) => app)].map(([app, placed]) => ({
    app,
    placed,
    groups: groupsOf(placed),
  }));
  const files: [string, string][] = [
    ["README.md", helmReadme(plan, apps)],
    ...chartFiles().map(([path, text]): [string, string] => [`chart/${path}`, text]),
    ...apps.flatMap(({ app, groups }) => groups.map((group) => valuesFile(app, group))),
    ...stacks(apps),
    ...secretFiles(plan),
    ...plan.clusters.flatMap((cluster) => clusterFiles(cluster, apps)),
  ];
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function placementsOf(cluster: ClusterPlan): Placement[] {
  const { name, facts, services, secretNames } = cluster;
  return cluster.apps.map((app) => ({
    app: declaredName(app),
    cluster: name,
    environment: facts.environment,
    text: toYaml(valuesOf(app, services, (secret) => secretNames[secret] ?? secret)),
    calls: app.callees.map(declaredName),
  }));
}

/** Files are named after the declaration, also where an app's objects still have an older name. */
const declaredName = ({ name, declared = name }: { name: string; declared?: string }) => declared;
const valuesPath = (app: string, group: string) => `values/${app}/${group}.yaml`;

function valuesFile(app: string, { name, text }: Group): [string, string] {
  return [valuesPath(app, name), text];
}

/** What each app's chart of itself and those it calls consists of. */
function stacks(apps: HelmApp[]): [string, string][] {
  const texts = new Map(
    apps.flatMap(({ app, placed }) => placed.map(({ cluster, text }) => [`${app} ${cluster}`, text])),
  );
  return apps.flatMap(({ app, placed }) => {
    const here = placed.map(({ cluster, environment, text, calls }): Stack => {
      const called = calls.flatMap((name) => {
        const values = texts.get(`${name} ${cluster}`);
        return values === undefined ? [] : [{ name, values }];
      });
      return { cluster, environment, own: text, called };
    });
    return stackFiles(app, here).map(([path, text]): [string, string] => [`apps/${app}/${path}`, text]);
  });
}

function secretFiles(plan: Plan): [string, string][] {
  const placed = plan.clusters.flatMap(({ name, facts, bundles }) =>
    bundles
      .filter(({ kind }) => kind === "secrets")
      .flatMap(({ owner, files }) =>
        Object.entries(files).map(([file, text]) => ({
          cluster: name,
          environment: facts.environment,
          text,
          path: (group: string) => `secrets/${owner}/${group}/${file}`,
          of: `${owner}/${file}`,
        })),
      ),
  );
  return [...Map.groupBy(placed, ({ of }) => of).values()].flatMap((same) =>
    groupsOf(same).map(({ name, text }): [string, string] => [same[0]?.path(name) ?? "", text]),
  );
}

/** The releases of a cluster, as Helmfile reads them, and the namespaces they are in. */
function clusterFiles(cluster: ClusterPlan, apps: HelmApp[]): [string, string][] {
  const here = new Map(cluster.apps.map((app) => [declaredName(app), app]));
  const releases = apps.flatMap(({ app, groups }) => {
    const placed = here.get(app);
    const group = groups.find(({ clusters }) => clusters.includes(cluster.name));
    if (!placed || !group) return [];
    const needs = placed.spec.after.flatMap((other) => {
      const first = here.get(other);
      return first ? [`${first.namespace}/${other}`] : [];
    });
    return [
      {
        name: app,
        namespace: placed.namespace,
        chart: "../../chart",
        values: [`../../${valuesPath(app, group.name)}`],
        ...(needs.length > 0 && { needs }),
      },
    ];
  });
  if (releases.length === 0) return [];
  const used = new Set(cluster.apps.map(({ namespace }) => namespace));
  const namespaces = cluster.namespaces.filter(({ metadata }) => used.has(metadata.name));
  return [
    [`clusters/${cluster.name}/helmfile.yaml`, toYaml({ releases })],
    [`clusters/${cluster.name}/namespaces.yaml`, namespaces.map(toYaml).join("---\n")],
  ];
}
