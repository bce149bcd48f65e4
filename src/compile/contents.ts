/**
 * The contents of all bundles. What clusters see alike is rendered and judged once: a unit is an app as it is seen
 * with the services and secrets it finds, and clusters with equal units share its content.
 */
import type { PlacedApp } from "../kit/placed-app.ts";
import type { KubernetesObject } from "../schema/object.ts";
import type { AppServices } from "./app-policy.ts";
import { type Content, contentOf } from "./content.ts";
import { notPruned } from "./namespaces.ts";
import { renderApp, secretsOf } from "./render-app.ts";

/** An app with everything that its objects are made of. */
export interface Unit {
  app: PlacedApp;
  services: AppServices;
  /** The names of its secrets' objects, by secret. */
  secrets: Record<string, string>;
  /** The first cluster that has it. */
  cluster: string;
}

/** The objects of a unit. */
export function renderUnit({ app, services, secrets }: Omit<Unit, "cluster">): KubernetesObject[] {
  return renderApp(app, services, (secret) => secrets[secret] ?? secret).map(keepDefinition);
}

/** Removing a definition would remove every object of its kind, also those that others made. */
export function keepDefinition(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "CustomResourceDefinition") return object;
  const { metadata } = object;
  const known = keptDefinitions.get(object) ?? {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...notPruned } },
  };
  keptDefinitions.set(object, known);
  return known;
}

/** The same object for the same definition, so that what was found out about it need not be found out again. */
const keptDefinitions = new WeakMap<KubernetesObject, KubernetesObject>();

/** Gives the unit of an app on a cluster: the same one for all clusters that see the same. */
export function unitMaker(): (
  app: PlacedApp,
  on: { cluster: string; services: AppServices; secretName: (secret: string) => string },
) => Unit {
  const known = new Map<PlacedApp, Map<string, Unit>>();
  const servicesIds = new Map<AppServices, string>();
  const texts = new Map<string, string>();
  const idOf = (services: AppServices): string => {
    const found = servicesIds.get(services);
    if (found) return found;
    const text = JSON.stringify(services);
    const id = texts.get(text) ?? String(texts.size);
    texts.set(text, id);
    servicesIds.set(services, id);
    return id;
  };
  return (app, { cluster, services, secretName }) => {
    const wanted = secretsOf(app);
    const names = wanted.map(secretName);
    const key = names.length > 0 ? `${idOf(services)} ${names.join(" ")}` : idOf(services);
    const units = known.get(app) ?? new Map<string, Unit>();
    known.set(app, units);
    const found = units.get(key);
    if (found) return found;
    const secrets = Object.fromEntries(wanted.map((secret, i) => [secret, names[i] as string]));
    const unit = { app, services, secrets, cluster };
    units.set(key, unit);
    return unit;
  };
}

/** Whether nothing in a unit can refer to objects of another: it has none but those made of an app. */
export function isSelfContained({ app: { spec, shares } }: Pick<Unit, "app">): boolean {
  return shares.length === 0 && spec.raw.length === 0 && spec.adjust.patch.length === 0;
}

/** Contents of parts by their text: parts that render the same on two clusters share one. */
export function sharedContents(): (
  owner: string,
  objects: KubernetesObject[],
  render: () => KubernetesObject[],
) => [content: Content, isNew: boolean] {
  const known = new Map<string, Content>();
  return (owner, objects, render) => {
    const made = contentOf(objects, render);
    const key = `${owner} ${made.digest}`;
    const first = known.get(key);
    if (first) return [first, false];
    known.set(key, made);
    return [made, true];
  };
}
