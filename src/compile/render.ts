import type { ImageReference } from "../kit/image.ts";
import type { PartPage } from "../kit/part.ts";
import type { PlacedApp } from "../kit/placed-app.ts";
import type { Token } from "../kit/token.ts";
import { blockStorage, clusterDns, delivery, gateway, metricsStore, resourceMetrics } from "../kit/tokens.ts";
import type { Company } from "../model/parse.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { type Problem, problem } from "../util/errors.ts";
import type { ImageNames } from "./image-names.ts";
import { namespacesOf, notPruned } from "./namespaces.ts";
import type { Bundle, ClusterPlan } from "./plan.ts";
import { podTemplateOf } from "./policies/policy.ts";
import { isAutoscaled, renderApp, secretsOf } from "./render-app.ts";
import type { ResolvedCluster } from "./resolve.ts";
import { type SecretFiles, secretBundles } from "./secret-bundles.ts";
import { type ChosenPart, factsOf, type Lookup, type WiredPart, wireCluster } from "./wire.ts";

/** Render every object of one cluster. */
export function renderCluster(
  company: Company,
  cluster: ResolvedCluster,
  chosen: ChosenPart[],
  images: ImageNames,
  secrets: SecretFiles,
): { plan: ClusterPlan; problems: Problem[] } {
  const { parts, lookup } = wireCluster(company, cluster, chosen);
  const problems = [
    ...clusterNeeds(company, cluster, lookup),
    ...cluster.apps.flatMap((app) => appNeeds(company, app, lookup)),
  ];
  const services = { gateway: lookup(gateway), dns: lookup(clusterDns), metricsStore: lookup(metricsStore) };
  const place = company.declaration.place;
  const made: Bundle[] = [
    ...parts.map((part) => partBundle(company, part)),
    ...secretBundles(cluster, secrets, place),
    ...cluster.apps.map(
      (app): Bundle => ({
        name: `app-${app.declared ?? app.name}`,
        kind: "app",
        owner: app.declared ?? app.name,
        objects: renderApp(app, services, (secret) => secrets.nameOf(secret, cluster.environment)),
        files: {},
        after: app.spec.after.map((other) => `app-${other}`),
        waivers: app.spec.waive,
        place: place(["apps", app.declared ?? app.name]),
      }),
    ),
  ];
  const bundles = made.map((bundle) => ({ ...bundle, objects: bundle.objects.map(keepDefinition) }));
  const plan: ClusterPlan = {
    name: cluster.name,
    spec: cluster.spec,
    facts: factsOf(cluster),
    deliveryNamespace: lookup(delivery)?.namespace ?? "",
    metricsStoreUrl: services.metricsStore?.url,
    namespaces: namespacesOf(bundles, parts, cluster.apps),
    bundles: orderByDefinitions(bundles),
    apps: cluster.apps,
    services,
    secretNames: Object.fromEntries(
      cluster.apps
        .flatMap(secretsOf)
        .sort()
        .map((secret) => [secret, secrets.nameOf(secret, cluster.environment)]),
    ),
    images: imagesOf(bundles, parts, images),
    pages: pagesOf(parts, cluster.apps),
    processes: parts.flatMap(({ definition }) => definition.processes ?? []),
    parts: parts.map(({ definition }) => definition.id),
  };
  return { plan, problems };
}

/** Removing a definition would remove every object of its kind, also those that others made. */
function keepDefinition(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "CustomResourceDefinition") return object;
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...notPruned } } };
}

/** Without something that applies the fleet repo, nothing would ever reach the cluster. */
function clusterNeeds(company: Company, cluster: ResolvedCluster, lookup: Lookup): Problem[] {
  if (lookup(delivery)) return [];
  return [
    problem("LF2001", {
      what: `${cluster.name} needs ${delivery.title}, which no part provides`,
      fix: "add `flux()` to the parts",
      where: company.declaration.place(["parts"]),
    }),
  ];
}

/** An app asks for tokens by what it declares; a missing provider is named where the app asks. */
function appNeeds(company: Company, app: PlacedApp, lookup: Lookup): Problem[] {
  const { spec, name, declared = name } = app;
  const lasting = Object.values(spec.volumes).some((volume) => !volume.ephemeral && !volume.storageClass);
  const asked: [boolean, string, Token<unknown>][] = [
    [spec.expose.length > 0, "expose", gateway],
    [isAutoscaled(app), "scale", resourceMetrics],
    [lasting, "volumes", blockStorage],
  ];
  return asked
    .filter(([wanted, , token]) => wanted && lookup(token) === undefined)
    .map(([, key, token]) =>
      problem("LF2001", {
        what: `${declared} needs ${token.title} for its \`${key}\`, which no part provides`,
        fix: `add a part that provides ${token.id}, or remove \`${key}\``,
        where: company.declaration.place(["apps", declared, key]),
      }),
    );
}

function partBundle(company: Company, { definition, context }: WiredPart): Bundle {
  return {
    name: `part-${definition.id}`,
    kind: "part",
    owner: definition.id,
    objects: [...definition.render(context as never)],
    files: {},
    after: [],
    waivers: definition.waivers ?? [],
    place: company.declaration.place(["parts", definition.id]),
  };
}

/**
 * Needing a token does not mean waiting: a bundle waits for the one that defines its custom resources, since it could
 * not be applied earlier, and for what it was told to come after.
 */
function orderByDefinitions(bundles: Bundle[]): Bundle[] {
  const definers = new Map<string, string>();
  for (const bundle of bundles) {
    for (const object of bundle.objects) {
      if (object.kind !== "CustomResourceDefinition") continue;
      const { group, names } = object.spec as { group: string; names: { kind: string } };
      definers.set(`${group}/${names.kind}`, bundle.name);
    }
  }
  return bundles.map((bundle) => {
    const needed = bundle.objects.map((object) =>
      definers.get(`${object.apiVersion.split("/")[0]}/${object.kind}`),
    );
    const after = [...bundle.after, ...needed].filter(
      (name) => name !== undefined && name !== bundle.name,
    ) as string[];
    return { ...bundle, after: [...new Set(after)].sort() };
  });
}

/** What pods run, and what parts say they start by other means, each with its recipe where there is one. */
function imagesOf(bundles: Bundle[], parts: WiredPart[], images: ImageNames): ImageReference[] {
  const named = parts.flatMap(({ definition }) => Object.values(definition.images ?? {}));
  const all = new Map([...named, ...images.references()].map((image) => [image.ref, image]));
  const pods = bundles.flatMap(({ objects }) => objects.flatMap((object) => podTemplateOf(object) ?? []));
  for (const { spec } of pods) {
    for (const { image: ref } of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
      if (!all.has(ref)) all.set(ref, { ref });
    }
  }
  return [...all.values()].sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

function pagesOf(parts: WiredPart[], apps: PlacedApp[]): PartPage[] {
  const exposed = apps.flatMap((app) =>
    app.spec.expose.map(({ host }) => ({ title: app.declared ?? app.name, host })),
  );
  return [
    ...exposed,
    ...parts.flatMap(({ definition, context }) => definition.pages?.(context as never) ?? []),
  ];
}
