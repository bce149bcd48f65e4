/** Where a value of the declaration comes from: what it was declared as and every layer that changed it. */
import type { z } from "zod";
import { placements } from "../compile/resolve.ts";
import { appSchema } from "../model/app.ts";
import { companySchema } from "../model/company.ts";
import { keysAt } from "../model/issues.ts";
import { type Layer, touches } from "../model/layers.ts";
import { loadDeclaration } from "../model/load.ts";
import { mergePatch } from "../model/merge-patch.ts";
import { type Company, parseCompany } from "../model/parse.ts";
import { didYouMean } from "../util/did-you-mean.ts";
import { failure, inFileOrder, type LandfallError, type Place, throwProblems } from "../util/errors.ts";
import { requireName } from "../util/known-name.ts";

type Path = readonly (string | number)[];

/** One thing that said something of the value, in the order they apply. */
export interface Step {
  /** `default`, `declared`, or the layer's key path or file. */
  by: string;
  /** The labels that the layer asks of a cluster. */
  labels?: Record<string, string>;
  /** Absent where nothing was set; for a subtree what the layer sets of it. */
  value?: unknown;
  where?: Place;
}

/** A value, and the clusters that see it so. */
export interface Explained {
  /** Absent where it is not set and has no default. */
  value?: unknown;
  /** Where it comes from; none for a default. */
  where?: Place;
  clusters: string[];
  steps: Step[];
  /** For a subtree, every value in it. */
  leaves?: { path: string; value: unknown; where?: Place }[];
}

export interface Explanation {
  path: string;
  /** The app that the path leads into, and whether it runs on the cluster asked for. */
  app?: string;
  placed?: boolean;
  values: Explained[];
}

/** The words that people use for one of several. */
const plurals: Record<string, string> = {
  app: "apps",
  cluster: "clusters",
  environment: "environments",
  part: "parts",
  secret: "secrets",
};

/**
 * Explain a key path of the declaration at `path`, on one cluster or on all that the app runs on. Throws when the
 * declaration's form is wrong (its own codes), and when there is no such key (LF9001) or cluster (LF1006).
 */
export async function explain(path: string, key: string, cluster?: string): Promise<Explanation> {
  const { company, problems } = parseCompany(await loadDeclaration(path));
  throwProblems(inFileOrder(problems));
  if (!company) throw new Error("a declaration without problems has a company");
  if (cluster !== undefined) requireName("LF1006", "cluster", cluster, Object.keys(company.spec.clusters));
  const [first = "", ...rest] = key.split(".");
  const root = Object.hasOwn(plurals, first) ? (plurals[first] as string) : first;
  const [name, ...inner] = rest;
  if (root !== "apps" || name === undefined) return explainRoot(company, [root, ...rest]);
  requireName("LF1005", "app", name, Object.keys(company.spec.apps));
  return explainApp(company, name, inner, cluster);
}

/** What stands at the root is the same everywhere. */
function explainRoot({ spec, declaration }: Company, segments: string[]): Explanation {
  const path = resolvePath([spec, declaration.tree], segments, companySchema, []);
  const value = valueAt(spec, path);
  const isDeclared = touches(declaration.tree, path);
  const where = isDeclared ? declaration.place(path) : undefined;
  const step: Step = { by: isDeclared ? "declared" : "default", value, ...(where && { where }) };
  const values = [{ value, ...(where && { where }), clusters: [], steps: [step] }];
  return { path: path.join("."), values };
}

function explainApp(company: Company, app: string, segments: string[], cluster?: string): Explanation {
  const placed = placements(company).get(app) ?? [];
  const views = company.viewsOf(app).map(({ spec }) => spec);
  const path = resolvePath([...views, treeOf(company, app)], segments, appSchema, ["app", app]);
  const asked = cluster === undefined ? placed : [cluster];
  const byLayers = Map.groupBy(asked, (name) =>
    company
      .layersOf(app, name)
      .filter(({ patch }) => touches(patch, path))
      .map((layer) => company.layersOf(app).indexOf(layer))
      .join(),
  );
  const values =
    asked.length === 0
      ? [explainOn(company, app, path, undefined)]
      : [...byLayers.values()].map((names) => ({
          ...explainOn(company, app, path, names[0]),
          clusters: names,
        }));
  return {
    path: ["app", app, ...path].join("."),
    app,
    ...(cluster !== undefined && { placed: placed.includes(cluster) }),
    values,
  };
}

function treeOf(company: Company, app: string): unknown {
  return (company.declaration.tree.apps as Record<string, unknown>)[app];
}

function explainOn(company: Company, app: string, path: Path, cluster: string | undefined): Explained {
  const layers = cluster === undefined ? [] : company.layersOf(app, cluster);
  const value = valueAt(company.appOn(app, cluster), path);
  const steps = stepsOf(company, app, path, layers);
  const where = steps.at(-1)?.where;
  const leaves = isObject(value)
    ? leavesOf(value, path).map((leaf) => {
        const origin = stepsOf(company, app, leaf.path, layers).at(-1)?.where;
        return { path: leaf.path.join("."), value: leaf.value, ...(origin && { where: origin }) };
      })
    : undefined;
  return { value, ...(where && { where }), clusters: [], steps, ...(leaves && { leaves }) };
}

/** The default, the declaration and each layer that says something of the path, with the value after each. */
function stepsOf(company: Company, app: string, path: Path, layers: Layer[]): Step[] {
  const base = treeOf(company, app);
  const seen = (tree: unknown): { value?: unknown } => {
    const parsed = appSchema.safeParse(tree);
    const value = valueAt(parsed.success ? parsed.data : tree, path);
    return value === undefined ? {} : { value };
  };
  const steps: Step[] = [];
  if (!touches(base, path)) steps.push({ by: "default", ...seen(base) });
  else
    steps.push({ by: "declared", ...seen(base), where: company.declaration.place(["apps", app, ...path]) });
  let tree = base;
  for (const layer of layers) {
    tree = mergePatch(tree, layer.patch);
    if (!touches(layer.patch, path)) continue;
    const labels = Object.keys(layer.where).length > 0 ? { labels: layer.where } : {};
    steps.push({ by: layer.title, ...labels, ...seen(tree), where: layer.place(path) });
  }
  return steps;
}

/**
 * The keys that a dotted path means. Keys hold dots themselves (`config.faults.json`), so the longest that exists
 * anywhere counts.
 */
function resolvePath(trees: unknown[], segments: string[], schema: z.ZodType, above: string[]): string[] {
  const path: string[] = [];
  for (let at = 0; at < segments.length; ) {
    const known = new Set(trees.flatMap((tree) => Object.keys(objectAt(tree, path))));
    for (const key of keysAt(schema, path)) known.add(key);
    const length = longestKnown(segments.slice(at), known);
    if (length === 0) throw unknownKey(segments[at] as string, [...known], [...above, ...path]);
    path.push(segments.slice(at, at + length).join("."));
    at += length;
  }
  return path;
}

function longestKnown(segments: string[], known: Set<string>): number {
  for (let length = segments.length; length > 0; length--)
    if (known.has(segments.slice(0, length).join("."))) return length;
  return 0;
}

function unknownKey(key: string, known: string[], above: string[]): LandfallError {
  const near = didYouMean(key, known);
  const list = known.length > 0 ? `known here: ${known.slice(0, 20).join(", ")}` : "it holds no keys";
  return failure("LF9001", {
    what: `there is no \`${key}\`${above.length > 0 ? ` in ${above.join(".")}` : " in a declaration"}`,
    fix: near ? `did you mean \`${[...above, near].join(".")}\`?` : list,
  });
}

function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (objectAt(at, []) as Record<PropertyKey, unknown>)[key], tree);
}

/** What lies at the path when it has keys, else nothing. */
function objectAt(tree: unknown, path: Path): object {
  let at = tree;
  for (const key of path) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return {};
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return isObject(at) ? at : {};
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === "object";
}

/** Every value below that has no keys of its own. */
function leavesOf(value: unknown, path: Path): { path: Path; value: unknown }[] {
  if (!isObject(value) || Object.keys(value).length === 0) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
