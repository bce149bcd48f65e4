/**
 * What changes an app on some of its clusters, in the order it applies: the company's overlays, the app's own
 * overrides, then the data files. What a cluster sees of an app is its base with the layers that match the cluster.
 */
import type { Place } from "../util/errors.ts";
import type { CompanySpec } from "./company.ts";
import type { Declaration } from "./declaration.ts";

type Path = readonly (string | number)[];
type Patch = Record<string, unknown>;

/** One patch of one app. */
export interface Layer {
  /** What it is called in messages: `overlays.0`, `overrides.1`, `values/environments/prod.json`. */
  title: string;
  patch: Patch;
  /** The labels it asks of a cluster. */
  where: Record<string, string>;
  /** Whether it applies on a cluster of this name with these labels. */
  matches(cluster: string, labels: Record<string, string>): boolean;
  /** Where a key path inside the patch stands. */
  place(path: Path): Place;
}

/** Whether all wanted labels are among those given. */
export function labelsMatch(wanted: Record<string, string>, labels: Record<string, string>): boolean {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  return true;
}

/** The layers of every app that has any, in the order they apply. */
export function layersOf(spec: CompanySpec, declaration: Declaration): Map<string, Layer[]> {
  const layers = new Map<string, Layer[]>();
  const add = (app: string, layer: Layer) => {
    const known = layers.get(app);
    if (known) known.push(layer);
    else layers.set(app, [layer]);
  };
  for (const [app, { labels, overrides }] of Object.entries(spec.apps)) {
    for (const [i, { where, apps, set }] of spec.overlays.entries()) {
      if (labelsMatch(apps, labels))
        add(app, declared(declaration, `overlays.${i}`, ["overlays", i, "set"], where, set));
    }
    for (const [i, { where, set }] of overrides.entries())
      add(app, declared(declaration, `overrides.${i}`, ["apps", app, "overrides", i, "set"], where, set));
  }
  for (const file of declaration.data) {
    const { labels, cluster } = file.where;
    for (const [app, patch] of Object.entries(file.apps)) {
      if (!Object.hasOwn(spec.apps, app)) continue;
      add(app, {
        title: file.file,
        patch,
        where: labels ?? {},
        matches: (name, of) => (cluster === undefined || cluster === name) && labelsMatch(labels ?? {}, of),
        place: (path) => declaration.placeInData(file, [app, ...path]),
      });
    }
  }
  return layers;
}

function declared(
  declaration: Declaration,
  title: string,
  at: Path,
  where: Record<string, string>,
  patch: Patch,
): Layer {
  return {
    title,
    patch,
    where,
    matches: (_cluster, labels) => labelsMatch(where, labels),
    place: (path) => declaration.place([...at, ...path]),
  };
}

/** Whether a patch says something of a key path: it sets the key itself, or replaces something above it. */
export function touches(patch: unknown, path: Path): boolean {
  let value = patch;
  for (const step of path) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return true;
    if (!Object.hasOwn(value, step)) return false;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return true;
}
