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
import type { Plan } from "../../compile/plan.ts";
import { helmApps } from "./apps.ts";
import { chartFiles } from "./chart.ts";
import { clusterFiles, valuesPath } from "./cluster-files.ts";
import { groupsOf } from "./groups.ts";
import { helmReadme } from "./readme.ts";
import { stackFiles } from "./stack.ts";

/** Every file of the export; the same Plan gives the same bytes. Sorted by path. */
export function emitHelm(plan: Plan): Map<string, string> {
  const apps = helmApps(plan);
  const all = [...apps.values()];
  const files: [string, string][] = [
    ["README.md", helmReadme(plan, all)],
    ...chartFiles().map(([path, text]): [string, string] => [`chart/${path}`, text]),
    ...all.flatMap(({ app, groups }) =>
      groups.map(({ name, key: values }): [string, string] => [valuesPath(app, name), values]),
    ),
    ...all.flatMap((app) => stackFiles(app, apps)),
    ...secretFiles(plan),
    ...plan.clusters.flatMap((cluster) => clusterFiles(cluster, apps)),
  ];
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The ciphertext of each namespace's Secrets, once for clusters that have the same. */
function secretFiles(plan: Plan): [string, string][] {
  const placed = plan.clusters.flatMap(({ name: cluster, facts: { environment }, bundles }) =>
    bundles.flatMap(({ kind, owner, files }) => {
      if (kind !== "secrets") return [];
      return Object.entries(files).map(([file, key]) => ({ owner, file, cluster, environment, key }));
    }),
  );
  const files = Map.groupBy(placed, ({ owner, file }) => `${owner}/${file}`);
  return [...files.values()].flatMap((same) => {
    const [{ owner, file } = { owner: "", file: "" }] = same;
    return groupsOf(same).map(({ name, key }): [string, string] => [`secrets/${owner}/${name}/${file}`, key]);
  });
}
