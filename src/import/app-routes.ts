/** Where apps answer from outside, told from Ingresses and routes of the Gateway API. */
import type { AppSpecInput } from "../model/app.ts";
import { absolutePath, hostname } from "../model/values.ts";
import { portsOf } from "./app-ports.ts";
import { mainContainer } from "./app-spec.ts";
import type { Fold } from "./fold-state.ts";
import { type Backend, backendsOf } from "./relations.ts";
import { branch, branches, type Source } from "./source.ts";

type Expose = NonNullable<AppSpecInput["expose"]>;

export interface Routes {
  /** By app; a host and path are one app's alone. */
  expose: Map<string, Expose>;
  /** The routes that say nothing but host, path and port, all of which `expose` says too. */
  plain: Set<Source>;
  /** The apps that each route leads to. */
  apps: Map<Source, Set<string>>;
}

const kinds = ["Ingress", "HTTPRoute", "GRPCRoute"];

/** What the routes beside all apps say of each. */
export function routesOf(folds: Fold[]): Routes {
  const routes: Routes = { expose: new Map(), plain: new Set(), apps: new Map() };
  const taken = new Set<string>();
  const sources = folds.flatMap(({ beside }) => beside.map(({ source }) => source));
  for (const source of sources.filter(({ object }) => kinds.includes(object.kind))) {
    const found = backendsOf(source.object).map((backend) => placeOf(backend, source, folds));
    for (const place of found) {
      if (!place) continue;
      routes.apps.set(source, (routes.apps.get(source) ?? new Set()).add(place.app));
      const at = `${place.expose.host}${place.expose.path ?? "/"}`;
      if (taken.has(at)) continue;
      taken.add(at);
      routes.expose.set(place.app, [...(routes.expose.get(place.app) ?? []), place.expose]);
    }
    if (found.length > 0 && !found.includes(undefined) && isPlain(source)) routes.plain.add(source);
  }
  return routes;
}

function placeOf({ host, path, service, port }: Backend, route: Source, folds: Fold[]) {
  const { namespace } = route.object.metadata;
  for (const fold of folds) {
    if (fold.namespace !== namespace) continue;
    const name = portBehind(fold, service, port);
    const fits = host && hostname.safeParse(host).success && absolutePath.safeParse(path).success;
    if (name && fits) return { app: fold.app, expose: { host, ...(path !== "/" && { path }), port: name } };
  }
  return undefined;
}

/** The app's port that a Service's port leads to. */
function portBehind(fold: Fold, service: string, port: unknown): string | undefined {
  const sources = [fold.service, fold.headless, ...fold.beside.map(({ source }) => source)];
  const found = sources.find((s) => s?.object.kind === "Service" && s.object.metadata.name === service);
  if (!found) return undefined;
  const all = branches(branch(found.object.spec).ports);
  const own =
    all.find((p) => p.port === port || p.name === port) ?? (port === undefined ? all[0] : undefined);
  const target = own?.targetPort ?? own?.port;
  const ports = portsOf(mainContainer(fold), fold.service?.object ?? fold.headless?.object);
  return ports.find((p) => p.name === target || p.port === target)?.name;
}

/** Certificates, rewrites, and what a controller reads from annotations, no `expose` says. */
function isPlain({ object }: Source): boolean {
  const spec = branch(object.spec);
  if (Object.keys(object.metadata.annotations ?? {}).length > 0) return false;
  if (object.kind === "Ingress") {
    const paths = branches(spec.rules).flatMap(({ http }) => branches(branch(http).paths));
    return spec.tls === undefined && paths.every(({ pathType }) => pathType === "Prefix");
  }
  return branches(spec.rules).every(
    ({ matches, filters, backendRefs }) =>
      filters === undefined &&
      branches(backendRefs).length === 1 &&
      branches(matches).every(
        (match) =>
          Object.keys(match).join() === "path" && (branch(match.path).type ?? "PathPrefix") === "PathPrefix",
      ),
  );
}
