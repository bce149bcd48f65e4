import { join } from "node:path";
import type { AppServices } from "../../compile/app-policy.ts";
import type { Bundle, Plan } from "../../compile/plan.ts";
import { secretsOf } from "../../compile/render-app.ts";
import { localToday } from "../../compile/waivers.ts";
import type { Variants } from "../../emit/flux/index.ts";
import type { PlacedApp } from "../../kit/placed-app.ts";
import type { Declaration } from "../../model/declaration.ts";
import { type AppRecord, type BuildRecord, type PlacedVariant, treeState, writeRecord } from "./record.ts";

/** What a whole build knows. */
export interface WholeBuild {
  declaration: Declaration;
  plan: Plan;
  variants: Variants;
  /** The fleet's folder, and whether it was named for this build. */
  out: string;
  named: boolean;
}

/** Keep what the next build may start from. Gives the record; none where an app is built from source. */
export function remember({ declaration, plan, variants, out, named }: WholeBuild): BuildRecord | undefined {
  const { apps: trees, ...main } = declaration.tree as { apps?: Record<string, unknown> };
  // What an image is made of may change without the declaration.
  if (plan.clusters.some(({ apps }) => apps.some(({ spec }) => spec.source))) return undefined;
  const services: AppServices[] = [];
  const known = new Map<string, AppRecord>();
  for (const [name, found] of variantsByApp(plan, variants, services))
    known.set(name, { tree: trees?.[name], variants: found });
  const record: BuildRecord = {
    company: plan.company,
    dir: declaration.dir,
    file: declaration.file,
    main,
    data: declaration.data,
    sources: declaration.sources,
    folders: declaration.folders,
    secrets: treeState(join(declaration.dir, "secrets")),
    today: localToday(),
    recordedMs: Date.now(),
    out,
    named,
    services,
    warnings: plan.warnings,
    app: (name) => known.get(name),
  };
  writeRecord(record, known);
  return record;
}

/** For each app its variants, and of each variant the placements that were made of the same. */
function variantsByApp(
  plan: Plan,
  variants: Variants,
  services: AppServices[],
): Map<string, PlacedVariant[]> {
  const found = new Map<string, Map<string, PlacedVariant>>();
  const indexes = new Map<string, number>();
  for (const cluster of plan.clusters) {
    const text = JSON.stringify(cluster.services);
    const index = indexes.get(text) ?? services.push(cluster.services) - 1;
    indexes.set(text, index);
    const placed = new Map(cluster.apps.map((app) => [app.declared ?? app.name, app]));
    for (const { bundle, variant } of variants.on.get(cluster.name) ?? []) {
      const app = bundle.kind === "app" && placed.get(bundle.owner);
      if (!app) continue;
      const own = found.get(bundle.owner) ?? new Map<string, PlacedVariant>();
      found.set(bundle.owner, own);
      const key = `${variant.path} ${index} ${idOf(app)}`;
      const same = own.get(key);
      if (same) same.clusters.push(cluster.name);
      else
        own.set(
          key,
          placedVariant({ app, bundle, path: variant.path, index, names: cluster.secretNames }, cluster.name),
        );
    }
  }
  return new Map([...found].map(([name, own]) => [name, [...own.values()]]));
}

const ids = new WeakMap<PlacedApp, number>();
let last = 0;

function idOf(app: PlacedApp): number {
  const id = ids.get(app) ?? ++last;
  ids.set(app, id);
  return id;
}

interface Found {
  app: PlacedApp;
  bundle: Bundle;
  path: string;
  index: number;
  names: Record<string, string>;
}

function placedVariant({ app, bundle, path, index, names }: Found, cluster: string): PlacedVariant {
  const { name, declared, namespace, callers, callees, shares, answersForOthers } = app;
  const { kinds, namespaces, images } = bundle.content.facts;
  return {
    clusters: [cluster],
    path,
    placed: {
      name,
      ...(declared && { declared }),
      namespace,
      callers,
      callees,
      shares,
      answersForOthers,
    },
    services: index,
    secrets: Object.fromEntries(secretsOf(app).map((secret) => [secret, names[secret] ?? secret])),
    kinds,
    namespaces,
    images,
  };
}
