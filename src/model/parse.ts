import type { z } from "zod";
import { type Place, type Problem, problem } from "../util/errors.ts";
import { type AppSpec, appSchema, patchableKeys } from "./app.ts";
import { type CompanySpec, companySchema } from "./company.ts";
import type { Declaration } from "./declaration.ts";
import { problemsOf } from "./issues.ts";
import { type Layer, layersOf, touches } from "./layers.ts";
import { mergePatch } from "./merge-patch.ts";
import { olderForm } from "./version.ts";

type Path = readonly (string | number)[];

/** A declaration whose form is right: every value typed, every default filled in. */
export interface Company {
  spec: CompanySpec;
  declaration: Declaration;
  /** The labels of a cluster: its environment's, its own, and `environment` itself. */
  labelsOf(cluster: string): Record<string, string>;
  /** An app as a cluster sees it; without a cluster as it is declared. Equal views are one object. */
  appOn(app: string, cluster: string | undefined): AppSpec;
  /** Every view of an app: as declared, as its clusters see it, and as clusters would that do not exist yet. */
  viewsOf(app: string): View[];
  /** The layers of an app in the order they apply, on one cluster or all. */
  layersOf(app: string, cluster?: string): Layer[];
  /** Where a key path below an app is declared as a cluster sees it: in the last layer that sets it. */
  placeOn(app: string, cluster: string | undefined, path: Path): Place;
}

/** An app with some of its layers applied. */
export interface View {
  spec: AppSpec;
  /** Where a key path below the app is declared: in the last of the layers that sets it. */
  place(path: Path): Place;
}

/**
 * Check the declaration's form and return all problems. `company` is there whenever the rest can be checked too:
 * also with unknown keys, which are left out of it, and with patches that do not fit.
 */
export function parseCompany(declaration: Declaration): { company?: Company; problems: Problem[] } {
  const old = olderForm(declaration);
  if (old) return { problems: [old] };
  const first = companySchema.safeParse(declaration.tree);
  const issues = first.success ? [] : first.error.issues;
  const problems = [
    ...declaration.problems,
    ...problemsOf(
      { schema: companySchema as z.ZodType, value: declaration.tree, base: [], place: declaration.place },
      issues,
    ),
  ];
  const tree = first.success ? declaration.tree : withoutUnknown(declaration.tree, issues);
  const result = first.success ? first : companySchema.safeParse(tree);
  if (!result.success) return { problems };
  return { company: withViews(result.data, { ...declaration, tree }, problems), problems };
}

/** The tree without the keys that nothing knows. */
function withoutUnknown(tree: Declaration["tree"], issues: readonly z.core.$ZodIssue[]): Declaration["tree"] {
  const copy = structuredClone(tree);
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const holder = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], copy);
    for (const key of issue.keys) delete (holder as Record<string, unknown>)[key];
  }
  return copy;
}

/** Clusters that no layer can tell apart are one class; an app is patched once for each class. */
function withViews(spec: CompanySpec, declaration: Declaration, problems: Problem[]): Company {
  const labels = new Map(Object.keys(spec.clusters).map((name) => [name, labelsIn(spec, name)]));
  const labelsOf = (cluster: string) => labels.get(cluster) ?? {};
  const layers = layersOf(spec, declaration);
  const own = new Set(declaration.data.flatMap(({ where }) => where.cluster ?? []));
  const classes = new Map(
    [...labels].map(([name, of]) => [name, JSON.stringify([of, own.has(name) ? name : ""])]),
  );
  const layersOn = (app: string, cluster?: string) => {
    const all = layers.get(app) ?? [];
    return cluster === undefined ? all : all.filter((layer) => layer.matches(cluster, labelsOf(cluster)));
  };

  const views = new Map<string, Map<string, AppSpec>>();
  const distinct = new Map<string, View[]>();
  const firstOf = Map.groupBy(labels.keys(), (name) => classes.get(name) as string);
  for (const [app, all] of layers) {
    const bySet = new Map<string, View>();
    const byClass = new Map<string, AppSpec>();
    const viewOf = (matching: Layer[]): AppSpec => {
      const key = matching.map((layer) => all.indexOf(layer)).join();
      const known = bySet.get(key);
      if (known) return known.spec;
      const place = (path: Path) => placeIn(declaration, app, matching, path);
      const made = { spec: patched(declaration, spec, app, matching, problems), place };
      bySet.set(key, made);
      return made.spec;
    };
    viewOf([]);
    for (const [id, [cluster = ""]] of firstOf) byClass.set(id, viewOf(layersOn(app, cluster)));
    // What no cluster has yet must be right all the same.
    for (const layer of all) viewOf(all.filter((other) => other.matches("", layer.where)));
    for (const layer of all) problems.push(...foreignKeys(layer));
    views.set(app, byClass);
    distinct.set(app, [...bySet.values()]);
  }
  problems.push(...versionProblems(declaration, spec));
  const appOn: Company["appOn"] = (app, cluster) => {
    const base = spec.apps[app] as AppSpec;
    if (cluster === undefined) return base;
    return views.get(app)?.get(classes.get(cluster) ?? "") ?? base;
  };
  return {
    spec,
    declaration,
    labelsOf,
    appOn,
    viewsOf: (app) =>
      distinct.get(app) ?? [
        { spec: spec.apps[app] as AppSpec, place: (path) => placeIn(declaration, app, [], path) },
      ],
    layersOf: layersOn,
    placeOn: (app, cluster, path) =>
      placeIn(declaration, app, cluster === undefined ? [] : layersOn(app, cluster), path),
  };
}

/** The environment's labels, then the cluster's own, then `environment` itself. */
function labelsIn(spec: CompanySpec, cluster: string): Record<string, string> {
  const { environment, labels } = spec.clusters[cluster] ?? { labels: {} };
  const inherited = environment ? spec.environments[environment]?.labels : {};
  return { ...inherited, ...labels, ...(environment && { environment }) };
}

function placeIn(declaration: Declaration, app: string, layers: Layer[], path: Path): Place {
  const last = layers.findLast(({ patch }) => path.length > 0 && touches(patch, path));
  return last ? last.place(path) : declaration.place(["apps", app, ...path]);
}

/** An app with some layers applied; as declared where the result does not fit, which is then a problem. */
function patched(
  declaration: Declaration,
  spec: CompanySpec,
  app: string,
  layers: Layer[],
  problems: Problem[],
): AppSpec {
  const base = spec.apps[app] as AppSpec;
  if (layers.length === 0) return base;
  const tree = (declaration.tree.apps as Record<string, unknown>)[app];
  const merged = layers.reduce((value, { patch }) => mergePatch(value, patch), tree);
  const result = appSchema.safeParse(merged);
  if (result.success) return result.data;
  const place = (path: Path) => placeIn(declaration, app, layers, path.slice(2));
  const checked = { schema: appSchema as z.ZodType, value: merged, base: ["apps", app], place };
  problems.push(...problemsOf(checked, result.error.issues));
  return base;
}

/** What is wrong with the versions of apps: each must give an app, and set what may differ between clusters. */
function versionProblems(declaration: Declaration, spec: CompanySpec): Problem[] {
  return Object.entries(spec.apps).flatMap(([app, { versions }]) =>
    Object.entries(versions).flatMap(([name, patch]) => {
      const at = ["apps", app, "versions", name];
      const place = (path: Path) => declaration.place([...at, ...path]);
      const layer: Layer = { title: at.slice(2).join("."), patch, where: {}, matches: () => true, place };
      const problems = foreignKeys(layer);
      patched(declaration, spec, app, [layer], problems);
      return problems;
    }),
  );
}

/** Keys of a patch that exist on an app but are the same everywhere. */
function foreignKeys({ patch, place }: Layer): Problem[] {
  const fixed = Object.keys(patch).filter(
    (key) => key in appSchema.shape && !(patchableKeys as string[]).includes(key),
  );
  return fixed.map((key) =>
    problem("LF1016", {
      what: `\`${key}\` cannot differ between clusters`,
      fix: `set it on the app; an override may set ${patchableKeys.join(", ")}`,
      where: place([key]),
    }),
  );
}
