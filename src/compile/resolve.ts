import { createHash } from "node:crypto";
import type { AppPort, PlacedApp, Surroundings } from "../kit/placed-app.ts";
import type { AppSpec } from "../model/app.ts";
import type { ClusterSpec } from "../model/company.ts";
import { labelsMatch } from "../model/layers.ts";
import type { Company } from "../model/parse.ts";
import type { ImageNames } from "./image-names.ts";
import { objectNames } from "./object-names.ts";

/** A cluster with the apps placed on it, references resolved; nothing is rendered yet. */
export interface ResolvedCluster {
  name: string;
  spec: ClusterSpec;
  environment: string | undefined;
  labels: Record<string, string>;
  /** By name in order. Clusters that see an app alike share one object. */
  apps: PlacedApp[];
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Place every app on its clusters, with the changes of each applied. References must have been checked. */
export function resolveClusters(company: Company, images: ImageNames): ResolvedCluster[] {
  const placed = placements(company);
  const views = placedViews(company, images);
  const clusters = Object.entries(company.spec.clusters).map(([name, spec]) => ({
    name,
    spec,
    environment: spec.environment,
    labels: company.labelsOf(name),
    apps: [] as PlacedApp[],
  }));
  const byCluster = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  for (const app of [...placed.keys()].sort()) {
    for (const cluster of placed.get(app) ?? []) byCluster.get(cluster)?.apps.push(views(app, cluster));
  }
  return clusters.sort(byName);
}

/** The clusters each app is placed on, by name in order. */
export function placements(company: Company): Map<string, string[]> {
  const clusters = Object.keys(company.spec.clusters).sort();
  const selected = new Map<string, string[]>();
  const select = ({ clusters: named, labels }: AppSpec["on"]): string[] => {
    const key = JSON.stringify([named, labels]);
    const known = selected.get(key);
    if (known) return known;
    const found = (named ? clusters.filter((name) => named.includes(name)) : clusters).filter((name) =>
      labelsMatch(labels ?? {}, company.labelsOf(name)),
    );
    selected.set(key, found);
    return found;
  };
  return new Map(
    Object.entries(company.spec.apps).map(([app, { on }]) => {
      const all = select(on);
      return [app, on.count === undefined || on.count >= all.length ? all : chosen(app, all, on.count)];
    }),
  );
}

/**
 * `count` of the clusters, the same on every run. Each pair of app and cluster has a rank of its own, so a cluster
 * that is added or removed moves only the apps it is among the first for, and apps spread evenly.
 */
function chosen(app: string, clusters: string[], count: number): string[] {
  return ranked(app, clusters).slice(0, count).sort();
}

/** Clusters in an order that is the same on every run, and another one for each `salt`. */
export function ranked(salt: string, clusters: string[]): string[] {
  const rank = (cluster: string) => createHash("sha1").update(`${salt}\0${cluster}`).digest("hex");
  return clusters
    .map((cluster) => ({ cluster, rank: rank(cluster) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ cluster }) => cluster);
}

/** Gives an app as a cluster sees it, references resolved; made once for clusters that see it alike. */
function placedViews(company: Company, images: ImageNames): (app: string, cluster: string) => PlacedApp {
  const callers = callersOf(company);
  const answering = answeringApps(company);
  const named = objectNames(company);
  const namespaceOf = (app: string) => company.spec.apps[app]?.namespace ?? company.spec.company;
  const ports = new Map<string, AppPort[]>();
  const portsBy = (app: string) => {
    const known = ports.get(app);
    if (known) return known;
    const made = portsOf(company.spec.apps[app] as AppSpec);
    ports.set(app, made);
    return made;
  };
  const made = new Map<AppSpec, Map<string, PlacedApp>>();
  return (app, cluster) => {
    const spec = company.appOn(app, cluster);
    const here = callers(app, cluster);
    const known = made.get(spec) ?? new Map<string, PlacedApp>();
    made.set(spec, known);
    const found = known.get(here.key);
    if (found) return found;
    const placed = placedApp(spec, images.of(app, spec), {
      ...named(app),
      namespace: namespaceOf(app),
      callers: here.callers
        .map((name) => ({ name: named(name).name, namespace: namespaceOf(name) }))
        .sort(byName),
      callees: callsOf(app, spec)
        .filter((name) => Object.hasOwn(company.spec.apps, name))
        .map((name) => ({ ...named(name), namespace: namespaceOf(name), ports: portsBy(name) }))
        .sort(byName),
      shares: Object.entries(spec.weights)
        .filter(([name]) => Object.hasOwn(company.spec.apps, name))
        .map(([name, weight]) => ({ name: named(name).name, ports: portsBy(name), weight }))
        .sort(byName),
      answersForOthers: answering.has(app),
    });
    known.set(here.key, placed);
    return placed;
  };
}

/** An app as some clusters see it, with its image, and with what was found out about its surroundings. */
export function placedApp(spec: AppSpec, image: string, found: Surroundings): PlacedApp {
  const ports = portsOf(spec);
  // The patches have done their part; whoever reads a placed app must not wonder about them.
  const placed = spec.overrides.length > 0 ? { ...spec, overrides: [] } : spec;
  return { ...found, spec: placed, ports, image, metrics: metricsOf(spec, ports) };
}

/**
 * Who calls an app, by name in order. A caller counts on every cluster, also where it is not placed: its pods are
 * not there to be admitted, and a policy does not change because some other app moves.
 */
function callersOf(company: Company): (app: string, cluster: string) => { key: string; callers: string[] } {
  const always = new Map<string, string[]>();
  const sometimes = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, callee: string, caller: string) => {
    const known = map.get(callee);
    if (known) known.push(caller);
    else map.set(callee, [caller]);
  };
  for (const caller of Object.keys(company.spec.apps).sort()) {
    const views = company.viewsOf(caller).map(({ spec }) => callsOf(caller, spec));
    for (const callee of new Set(views.flat()))
      add(views.every((calls) => calls.includes(callee)) ? always : sometimes, callee, caller);
  }
  const fixed = new Map([...always].map(([app, callers]) => [app, { key: "", callers }]));
  const none = { key: "", callers: [] };
  return (app, cluster) => {
    const known = fixed.get(app) ?? none;
    const here = sometimes
      .get(app)
      ?.filter((caller) => callsOf(caller, company.appOn(caller, cluster)).includes(app));
    if (!here?.length) return known;
    return { key: here.join(), callers: [...known.callers, ...here].sort() };
  };
}

/** The apps that answer a share of another's routes anywhere: like callers, they count on every cluster. */
function answeringApps(company: Company): Set<string> {
  const answering = new Set<string>();
  for (const app of Object.keys(company.spec.apps))
    for (const { spec } of company.viewsOf(app)) for (const name in spec.weights) answering.add(name);
  return answering;
}

/** The apps an app calls: those it says so of, and those whose address it is given. */
export function callsOf(name: string, app: AppSpec): string[] {
  let addressed: Set<string> | undefined;
  for (const key in app.env) {
    const value = app.env[key];
    if (typeof value !== "object" || !("address" in value) || value.address === name) continue;
    addressed ??= new Set(app.calls);
    addressed.add(value.address);
  }
  return addressed ? [...addressed] : app.calls;
}

/** An app's ports in the order declared; a bare number's protocol is told from its name. */
export function portsOf(app: AppSpec): AppPort[] {
  return Object.entries(app.ports).map(([name, value]) =>
    typeof value === "number" ? { name, port: value, protocol: protocolOf(name) } : { name, ...value },
  );
}

function protocolOf(name: string): AppPort["protocol"] {
  if (name === "http" || name === "metrics") return "http";
  return name === "grpc" ? "grpc" : "tcp";
}

function metricsOf(app: AppSpec, ports: AppPort[]): PlacedApp["metrics"] {
  if (app.metrics === false) return undefined;
  const { port: name = "metrics", path = "/metrics" } = app.metrics ?? {};
  const port = ports.find((p) => p.name === name);
  return port && { port, path };
}
