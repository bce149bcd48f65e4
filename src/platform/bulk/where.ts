import { placements } from "../../compile/resolve.ts";
import { labelsMatch } from "../../model/layers.ts";
import type { Company } from "../../model/parse.ts";
import { counted } from "../../util/counted.ts";
import { didYouMean } from "../../util/did-you-mean.ts";
import { failure } from "../../util/errors.ts";
import { requireName } from "../../util/known-name.ts";
import { parseSelector } from "../../util/selector.ts";

/** Clusters that share a data file, and the file: for all, for an environment, or for one cluster. */
export interface Scope {
  /** The data file, relative to the declaration's folder. */
  file: string;
  where: { labels?: { environment: string }; cluster?: string };
  clusters: Set<string>;
}

/** What a filter selects. */
export interface Selection {
  /** By name in order; each runs on a cluster of the scopes, unless nothing is said of clusters. */
  apps: string[];
  scopes: Scope[];
  /** The clusters of an app inside a scope. */
  clustersOf(app: string, scope: Scope): string[];
}

interface Filter {
  app: string | undefined;
  namespace: string | undefined;
  cluster: string | undefined;
  environment: string | undefined;
  labels: Record<string, string>;
  clusterLabels: Record<string, string>;
}

/** Selects by filters; where apps run is told once for all of them. */
export function selector(company: Company): (where: string) => Selection {
  const placed = placements(company);
  return (where) => selectWhere(company, placed, where);
}

/**
 * Select apps and the clusters meant by a filter such as `tier=web,env=prod`: `app`, `namespace`, `env`, `cluster`;
 * any other key is a label of apps, and where no app has it one of clusters. `cluster.tier` is a label of clusters.
 * Throws LF9001 for a key that nothing has, LF1005, LF1006, LF1010 for names, LF1018 when nothing is left.
 */
function selectWhere(company: Company, placed: ReturnType<typeof placements>, where: string): Selection {
  const filter = readFilter(company, where);
  const scopes = scopesOf(company, filter);
  const everywhere = scopes.length === 1 && scopes[0]?.file === allFile;
  const clustersOf = (app: string, { clusters }: Scope) =>
    (placed.get(app) ?? []).filter((name) => clusters.has(name));
  const matching = Object.entries(company.spec.apps)
    .filter(([name, { namespace = company.spec.company, labels }]) => {
      const isNamed = filter.app === undefined || filter.app === name;
      const isThere = filter.namespace === undefined || filter.namespace === namespace;
      return isNamed && isThere && labelsMatch(filter.labels, labels);
    })
    .map(([name]) => name)
    .sort();
  const apps = matching.filter(
    (name) => everywhere || scopes.some((scope) => clustersOf(name, scope).length > 0),
  );
  if (apps.length > 0) return { apps, scopes, clustersOf };
  throw failure("LF1018", {
    what: where === "" ? "there are no apps" : `no app is selected by ${where}`,
    ...(matching.length > 0 && {
      why: `${counted(matching.length, "app")} would be, but ${matching.length === 1 ? `${matching[0]} does` : "they do"} not run there`,
    }),
    fix: hintFor(company, filter),
  });
}

const allFile = "values/all.json";

function readFilter(company: Company, where: string): Filter {
  const { apps, clusters, environments } = company.spec;
  const pairs = where ? parseSelector(where) : {};
  const { app, namespace, cluster, env, environment = env, ...rest } = pairs;
  if (where && (where.split(",").length > Object.keys(pairs).length || (env && environment !== env)))
    throw failure("LF9001", {
      what: `${where} says one thing twice`,
      why: "all of it must hold, and nothing has two values of one kind",
      fix: "run the command once for each",
    });
  if (app !== undefined) requireName("LF1005", "app", app, Object.keys(apps));
  if (cluster !== undefined) requireName("LF1006", "cluster", cluster, Object.keys(clusters));
  if (environment !== undefined) requireName("LF1010", "environment", environment, Object.keys(environments));
  const filter: Filter = { app, namespace, cluster, environment, labels: {}, clusterLabels: {} };
  const { ofApps, ofClusters } = labelKeys(company);
  for (const [key, value] of Object.entries(rest)) {
    const label = key.replace(/^cluster\./, "");
    if (label === key && ofApps.has(key)) filter.labels[key] = value;
    else if (ofClusters.has(label)) filter.clusterLabels[label] = value;
    else throw unknownKey(key, ofApps, ofClusters);
  }
  return filter;
}

function labelKeys({ spec, labelsOf }: Company) {
  const ofApps = new Set(Object.values(spec.apps).flatMap(({ labels }) => Object.keys(labels)));
  const ofClusters = new Set(Object.keys(spec.clusters).flatMap((name) => Object.keys(labelsOf(name))));
  return { ofApps, ofClusters };
}

function unknownKey(key: string, ofApps: Set<string>, ofClusters: Set<string>) {
  const own = ["app", "namespace", "env", "cluster"];
  const near = didYouMean(key, [...own, ...ofApps, ...ofClusters]);
  const lists = [
    own.join(", "),
    ...(ofApps.size > 0 ? [`labels of apps: ${[...ofApps].sort().join(", ")}`] : []),
    ...(ofClusters.size > 0 ? [`labels of clusters: ${[...ofClusters].sort().join(", ")}`] : []),
  ];
  return failure("LF9001", {
    what: `no app and no cluster has ${key}`,
    why: `one can select by ${lists.join("; ")}`,
    fix: near ? `did you mean ${near}?` : "select by one of these",
  });
}

/** Where values go: into the smallest number of data files that means exactly the clusters of the filter. */
function scopesOf(company: Company, { cluster, environment, clusterLabels }: Filter): Scope[] {
  const labels = { ...clusterLabels, ...(environment !== undefined && { environment }) };
  const names = Object.keys(company.spec.clusters)
    .filter((name) => labelsMatch(labels, company.labelsOf(name)))
    .filter((name) => cluster === undefined || cluster === name)
    .sort();
  if (cluster !== undefined || Object.keys(clusterLabels).length > 0)
    return names.map((name) => ({
      file: `values/clusters/${name}.json`,
      where: { cluster: name },
      clusters: new Set([name]),
    }));
  const clusters = new Set(names);
  if (environment === undefined) return [{ file: allFile, where: {}, clusters }];
  return [{ file: environmentFile(environment), where: { labels: { environment } }, clusters }];
}

/** The data file of an environment. */
export function environmentFile(environment: string): string {
  return `values/environments/${environment}.json`;
}

function hintFor({ spec }: Company, { labels }: Filter): string {
  const values = Object.keys(labels).map((key) => {
    const all = new Set(Object.values(spec.apps).flatMap((app) => app.labels[key] ?? []));
    return `${key} is one of ${[...all].sort().slice(0, 12).join(", ")}`;
  });
  return values.length > 0
    ? values.join("; ")
    : "select something else; `landfall check` lists what runs where";
}
