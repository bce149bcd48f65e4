import type { AppPort, PlacedApp } from "../kit/placed-app.ts";
import type { AppSpec } from "../model/app.ts";
import type { ClusterSpec } from "../model/company.ts";
import type { Company } from "../model/parse.ts";
import type { ImageNames } from "./image-names.ts";

/** A cluster with the apps placed on it, references resolved; nothing is rendered yet. */
export interface ResolvedCluster {
  name: string;
  spec: ClusterSpec;
  environment: string | undefined;
  labels: Record<string, string>;
  apps: PlacedApp[];
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Place every app on its clusters, with its environment's changes applied. References must have been checked. */
export function resolveClusters(company: Company, images: ImageNames): ResolvedCluster[] {
  return Object.entries(company.spec.clusters)
    .map(([name, spec]) => resolveCluster(company, name, spec, images))
    .sort(byName);
}

function resolveCluster(
  company: Company,
  name: string,
  spec: ClusterSpec,
  images: ImageNames,
): ResolvedCluster {
  const environment = spec.environment;
  const labels = clusterLabels(company, spec);
  const here = Object.entries(company.appsIn(environment)).filter(([, app]) => isPlaced(app, name, labels));
  const specs = new Map(here);
  const namespaceOf = (app: AppSpec) => app.namespace ?? company.spec.company;
  const apps = here.map(([app, spec]): PlacedApp => {
    const ports = portsOf(spec);
    const reference = (other: string) => {
      const called = specs.get(other);
      return called ? [{ name: other, namespace: namespaceOf(called), ports: portsOf(called) }] : [];
    };
    return {
      name: app,
      namespace: namespaceOf(spec),
      // The patches have done their part; whoever reads a placed app must not wonder about them.
      spec: { ...spec, environments: {} },
      ports,
      image: images.of(app, spec),
      callers: here
        .filter(([caller, other]) => callsOf(caller, other).includes(app))
        .map(([caller, other]) => ({ name: caller, namespace: namespaceOf(other) }))
        .sort(byName),
      callees: callsOf(app, spec).flatMap(reference).sort(byName),
      metrics: metricsOf(spec, ports),
    };
  });
  return { name, spec, environment, labels, apps: apps.sort(byName) };
}

/** The labels apps are placed by: the environment's, then the cluster's own, then `environment` itself. */
export function clusterLabels(company: Company, spec: ClusterSpec): Record<string, string> {
  const environment = spec.environment;
  const inherited = environment ? company.spec.environments[environment]?.labels : {};
  return { ...inherited, ...spec.labels, ...(environment && { environment }) };
}

/** Whether an app is placed on a cluster: named or matched by label; without either, on all. */
export function isPlaced(app: AppSpec, cluster: string, labels: Record<string, string>): boolean {
  const { clusters, labels: wanted } = app.on;
  if (clusters && !clusters.includes(cluster)) return false;
  return Object.entries(wanted ?? {}).every(([key, value]) => labels[key] === value);
}

/** The apps an app calls: those it says so of, and those whose address it is given. */
export function callsOf(name: string, app: AppSpec): string[] {
  const addressed = Object.values(app.env).flatMap((value) =>
    typeof value === "object" && "address" in value && value.address !== name ? [value.address] : [],
  );
  return [...new Set([...app.calls, ...addressed])];
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
