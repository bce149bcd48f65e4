import type { ImageReference } from "../kit/image.ts";
import type { PartPage } from "../kit/part.ts";
import type { PlacedApp } from "../kit/placed-app.ts";
import {
  alertSink,
  clusterDns,
  delivery,
  dnsZone,
  gateway,
  metricsStore,
  progressiveDelivery,
} from "../kit/tokens.ts";
import type { Company } from "../model/parse.ts";
import type { KubernetesObject } from "../schema/object.ts";
import type { Problem } from "../util/errors.ts";
import type { Spool } from "../util/spool.ts";
import type { AppServices } from "./app-policy.ts";
import { type CheckOptions, checkBundle, identityProblems } from "./check.ts";
import { type Content, contentOf, noContent } from "./content.ts";
import {
  isSelfContained,
  keepDefinition,
  renderUnit,
  sharedContents,
  type Unit,
  unitMaker,
} from "./contents.ts";
import type { ImageNames } from "./image-names.ts";
import { namespacesOf } from "./namespaces.ts";
import { appNeeds, clusterNeeds } from "./needs.ts";
import type { Bundle, ClusterPlan, Draft } from "./plan.ts";
import { hastyRelease } from "./release-pace.ts";
import type { ResolvedCluster } from "./resolve.ts";
import { type SecretFiles, secretBundles } from "./secret-bundles.ts";
import { type ChosenPart, factsOf, type Lookup, type WiredPart, wireCluster } from "./wire.ts";

/** A cluster with its parts wired and its apps as units. */
interface Wired {
  cluster: ResolvedCluster;
  parts: WiredPart[];
  lookup: Lookup;
  services: AppServices;
  partBundles: Draft[];
  units: Unit[];
}

/** Render and judge every bundle of every cluster; what clusters share, once. */
export function renderClusters(
  company: Company,
  clusters: ResolvedCluster[],
  chosen: ChosenPart[],
  given: { images: ImageNames; secrets: SecretFiles; checks: CheckOptions; spool?: Spool | undefined },
): { plans: ClusterPlan[]; problems: Problem[] } {
  const { images, secrets, checks } = given;
  const problems: Problem[] = [];
  const unitOf = unitMaker();
  const share = sharedContents();
  const contents = new Map<Unit, Content>();
  const all = clusters.map((cluster): Wired => {
    const { parts, lookup } = wireCluster(company, cluster, chosen);
    problems.push(
      ...clusterNeeds(company, cluster, lookup),
      ...cluster.apps.flatMap((app) => appNeeds(company, cluster, app, lookup)),
      ...cluster.apps.flatMap((app) => hastyRelease(company, cluster, app, lookup)),
    );
    const services = {
      gateway: lookup(gateway),
      dns: lookup(clusterDns),
      metricsStore: lookup(metricsStore),
      progressiveDelivery: lookup(progressiveDelivery),
    };
    const secretName = (secret: string) => secrets.nameOf(secret, cluster.environment);
    const units = cluster.apps.map((app) => unitOf(app, { cluster: cluster.name, services, secretName }));
    const rendered = parts.map((part) => ({ part, objects: renderPart(part) }));
    const around = surroundings(
      rendered.flatMap(({ objects }) => objects),
      units,
    );
    const partBundles = rendered.map(({ part, objects }) => {
      const [content, isNew] = share(part.definition.id, objects, () => renderPart(part));
      const draft = partBundle(company, part, content);
      if (isNew) problems.push(...checkBundle(draft, objects, { around: around(), ...checks }));
      return draft;
    });
    for (const unit of units) {
      if (contents.has(unit)) continue;
      const objects = renderUnit(unit);
      problems.push(...checkBundle(appBundle(company, unit), objects, { around: around(unit), ...checks }));
      contents.set(
        unit,
        contentOf(objects, () => renderUnit(unit), given.spool),
      );
    }
    return { cluster, parts, lookup, services, partBundles, units };
  });
  const plans = all.map((wired) => planOf(company, wired, contents, { images, secrets }));
  problems.push(...plans.flatMap(({ bundles }) => identityProblems(bundles)));
  return { plans, problems };
}

/**
 * What is around a bundle on the first cluster that has it. Parts, and objects made of an app, refer to nothing that is
 * made of another app, so for these only parts and what apps bring themselves count.
 */
function surroundings(parts: KubernetesObject[], units: Unit[]) {
  const gather = (some: Unit[]) => {
    let objects: KubernetesObject[] | undefined;
    return () => {
      objects ??= [...parts, ...some.flatMap(renderUnit)];
      return objects;
    };
  };
  const near = gather(units.filter((unit) => !isSelfContained(unit)));
  const whole = gather(units);
  return (unit?: Unit) => (unit && !isSelfContained(unit) ? whole : near);
}

function planOf(
  company: Company,
  { cluster, parts, lookup, services, partBundles, units }: Wired,
  contents: Map<Unit, Content>,
  { images, secrets }: { images: ImageNames; secrets: SecretFiles },
): ClusterPlan {
  const drafts: Draft[] = [
    ...partBundles,
    ...secretBundles(cluster, secrets, company.declaration.place),
    ...units.map((unit) => appBundle(company, unit, contents.get(unit))),
  ];
  const definers = definersOf(drafts);
  const sink = lookup(alertSink);
  const bundles = drafts.map((draft) => new PlannedBundle(draft, waitsFor(draft, definers)));
  return {
    name: cluster.name,
    spec: cluster.spec,
    facts: factsOf(cluster),
    deliveryNamespace: lookup(delivery)?.namespace ?? "",
    metricsStoreUrl: lookup(metricsStore)?.url,
    alertSinkUrl: sink && `http://${sink.host}:${sink.port}`,
    dnsZone: lookup(dnsZone),
    namespaces: namespacesOf(bundles, parts, cluster.apps),
    bundles,
    apps: cluster.apps,
    services,
    secretNames: Object.fromEntries(units.flatMap((unit) => Object.entries(unit.secrets)).sort()),
    images: imagesOf(bundles, parts, images),
    pages: pagesOf(parts, cluster.apps),
    processes: parts.flatMap(({ definition }) => definition.processes ?? []),
    parts: parts.map(({ definition }) => definition.id),
  };
}

/** A class, since of every app on every cluster there is one, and getters of its own would make each large. */
class PlannedBundle implements Bundle {
  readonly name: string;
  readonly kind: Bundle["kind"];
  readonly owner: string;
  readonly content: Content;
  readonly files: Record<string, string>;
  readonly waivers: Bundle["waivers"];
  after: string[];
  readonly #draft: Draft;

  constructor(draft: Draft, after: string[]) {
    this.name = draft.name;
    this.kind = draft.kind;
    this.owner = draft.owner;
    this.content = draft.content;
    this.files = draft.files;
    this.waivers = draft.waivers;
    this.after = after;
    this.#draft = draft;
  }

  get objects(): KubernetesObject[] {
    return this.content.objects;
  }

  get place(): Bundle["place"] {
    return this.#draft.place;
  }
}

/** The place is looked for when it is asked for: in YAML that means to read the file again. */
function appBundle(company: Company, { app }: Unit, content = noContent): Draft {
  const { name: object, declared: name = object, spec } = app;
  return {
    name: `app-${name}`,
    kind: "app",
    owner: name,
    content,
    files: {},
    after: spec.after.map((other) => `app-${other}`),
    waivers: spec.waive,
    get place() {
      return company.declaration.place(["apps", name]);
    },
  };
}

function renderPart({ definition, context }: WiredPart): KubernetesObject[] {
  return definition.render(context as never).map(keepDefinition);
}

function partBundle(company: Company, { definition }: WiredPart, content: Content): Draft {
  return {
    name: `part-${definition.id}`,
    kind: "part",
    owner: definition.id,
    content,
    files: {},
    after: [],
    waivers: definition.waivers ?? [],
    get place() {
      return company.declaration.place(["parts", definition.id]);
    },
  };
}

/**
 * Needing a token does not mean waiting: a bundle waits for the one that defines its custom resources, since it could
 * not be applied earlier, and for what it was told to come after.
 */
function definersOf(bundles: Draft[]): Map<string, string> {
  return new Map(bundles.flatMap(({ name, content }) => content.facts.defines.map((kind) => [kind, name])));
}

function waitsFor({ name, after, content }: Draft, definers: Map<string, string>): string[] {
  if (after.length === 0 && !content.facts.kinds.some((kind) => definers.has(kind))) return after;
  const needed = content.facts.kinds.flatMap((kind) => definers.get(kind) ?? []);
  return [...new Set([...after, ...needed])].filter((other) => other !== name).sort();
}

/** What pods run, and what parts say they start by other means, each with its recipe where there is one. */
function imagesOf(bundles: Bundle[], parts: WiredPart[], images: ImageNames): ImageReference[] {
  const used = new Set(bundles.flatMap(({ content }) => content.facts.images));
  const named = parts
    .flatMap(({ definition }) => Object.values(definition.images ?? {}))
    // What is made of sources takes minutes: only where a pod runs it.
    .filter(({ ref, recipe }) => recipe?.kind !== "source" || used.has(ref));
  const all = new Map([...named, ...images.references()].map((image) => [image.ref, image]));
  for (const ref of used) if (!all.has(ref)) all.set(ref, { ref });
  return [...all.values()].sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

function pagesOf(parts: WiredPart[], apps: PlacedApp[]): PartPage[] {
  const exposed = apps.flatMap(({ name, declared = name, spec }) =>
    spec.expose.map(({ host }) => ({ title: declared, host })),
  );
  return [
    ...exposed,
    ...parts.flatMap(({ definition, context }) => definition.pages?.(context as never) ?? []),
  ];
}
