/** Objects of Kubernetes become the tree of a declaration, and a report of what became of each. */
import type { AppSpecInput } from "../model/app.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { kindOf } from "../schema/pack.ts";
import { validateObject } from "../schema/validate.ts";
import { counted } from "../util/counted.ts";
import { callsIn, directory } from "./addresses.ts";
import { adjustmentOf } from "./adjustment.ts";
import { appNames } from "./app-names.ts";
import { type Routes, routesOf } from "./app-routes.ts";
import { appLabels, appSpec } from "./app-spec.ts";
import { renderTree, type Tree } from "./assemble.ts";
import { fold } from "./fold.ts";
import type { Fold, Folded } from "./fold-state.ts";
import { harden, type Improvement } from "./improve.ts";
import { partsFor } from "./parts-for.ts";
import { prepare } from "./prepare.ts";
import { branch, branches, compact, isSecretName, type Outcome, outcome, type Source } from "./source.ts";
import { waiveBroken } from "./waivers.ts";

export interface ImportOptions {
  /** The company's name. */
  company: string;
  /** Where objects go that name no namespace. */
  namespace: string;
  /** The cluster declared: one that exists, by its context, or a local one. */
  cluster: { name: string; context?: string };
  /** Keep landfall's own settings where the originals say nothing. @default false */
  harden?: boolean;
  /** The day of the import, `2026-11-21`; waivers end 90 days later. */
  today: string;
}

export interface Imported {
  tree: Tree;
  /** One for each object given. */
  outcomes: Outcome[];
  /** How hardened apps differ from their originals; empty for faithful ones. */
  improved: Improvement[];
  /** What the user should know: one sentence each. */
  notes: string[];
}

/** Import objects. Nothing is lost: every source has one outcome. */
export function importObjects(given: Source[], options: ImportOptions): Imported {
  const { sources, left, placed } = prepare(given, options.namespace);
  const folded = fold(sources);
  const routes = routesOf(folded.folds);
  const draft = draftTree(folded, routes, options);
  const rendered = renderTree(draft);
  const outcomes: Outcome[] = [...left];
  const improved: Improvement[] = [];
  for (const fold of folded.folds) {
    const own = completed(fold, { draft, rendered: rendered.get(fold.app)?.objects ?? [], routes }, options);
    draft.apps[fold.app] = own.app;
    outcomes.push(...own.outcomes);
    improved.push(...own.improved);
  }
  for (const { source, why } of folded.left) outcomes.push(outcome(source, { as: "left", why }));
  addHome(folded, draft, options, outcomes);
  waiveBroken(draft, options.today);
  draft.parts = partsFor(draft, options);
  return { tree: draft, outcomes, improved, notes: notesOf(sources, folded, options, placed) };
}

/** An app with all that its fields do not say. */
function completed(
  fold: Fold,
  { draft, rendered, routes }: { draft: Tree; rendered: KubernetesObject[]; routes: Routes },
  options: ImportOptions,
): { app: AppSpecInput; outcomes: Outcome[]; improved: Improvement[] } {
  const { omit, patch, folded, raw } = adjustmentOf(fold, rendered);
  const plain = { omit, patch };
  const { adjust, improved } = options.harden ? harden(fold.app, plain) : { adjust: plain, improved: [] };
  const routed = (source: Source) => makesRoutes(options) && routes.plain.has(source);
  const beside = [...fold.beside, ...raw];
  const kept = beside.filter(({ source }) => !routed(source));
  const others = [...routes.apps].filter(([source, apps]) => apps.has(fold.app) && !routed(source));
  const app = draft.apps[fold.app] as AppSpecInput;
  const taken = omit.filter((entry) => kept.some(({ source }) => standsFor(source.object, entry, fold.app)));
  const omitted = [...adjust.omit, ...taken, ...(others.length > 0 ? ["HTTPRoute", "GRPCRoute"] : [])];
  return {
    app: compact({
      ...app,
      adjust: compact({ ...adjust, omit: [...new Set(omitted)] }),
      raw: kept.map(({ source }) => rawObject(source.object, fold.namespace)),
    }),
    outcomes: [
      ...folded.map((source) => outcome(source, { as: "folded", app: fold.app, why: "" })),
      ...beside.map(({ source, why }) =>
        outcome(
          source,
          routed(source) ? { as: "folded", app: fold.app, why: "" } : { as: "raw", app: fold.app, why },
        ),
      ),
    ],
    improved: [
      ...improved.filter(({ kind, field }) => field !== "" || !taken.includes(kind)),
      ...beside
        .filter(({ source }) => routed(source))
        .map(({ source }) => ({
          app: fold.app,
          kind: source.object.kind,
          field: "",
          reason: "routes of the gateway, which canaries, DNS and certificates follow",
        })),
    ],
  };
}

/** Whether an object that stays takes the place of one that would be made: its name, or its work. */
function standsFor({ kind, metadata }: KubernetesObject, omitted: string, app: string): boolean {
  const [omittedKind, name] = omitted.split("/");
  if (kind !== omittedKind) return false;
  return kind === "NetworkPolicy" || (name === undefined ? metadata.name === app : metadata.name === name);
}

/** Whether the apps get routes of their own: on a cluster that exists, what leads to them is there already. */
function makesRoutes({ harden, cluster }: ImportOptions): boolean {
  return harden === true && cluster.context === undefined;
}

/** The apps with what their fields say alone. */
function draftTree({ folds }: Folded, { expose }: Routes, { company, cluster }: ImportOptions): Tree {
  const find = directory(folds);
  const apps = folds.map((fold): [string, AppSpecInput] => {
    const calls = callsIn(fold, find);
    return [
      fold.app,
      compact({
        ...(fold.namespace !== company && { namespace: fold.namespace }),
        labels: appLabels(fold),
        ...appSpec(fold),
        expose: expose.get(fold.app),
        calls,
      }),
    ];
  });
  const { name, context } = cluster;
  const clusters = { [name]: context ? { type: "kubernetes", context } : { type: "local" } };
  return { landfall: 2, company, clusters, parts: {}, apps: Object.fromEntries(apps) };
}

/** What is in the app's namespace anyway need not say so. */
function rawObject(object: KubernetesObject, namespace: string): NonNullable<AppSpecInput["raw"]>[number] {
  const { namespace: own, ...metadata } = object.metadata;
  const implied = own === namespace && kindOf(object.apiVersion, object.kind)?.namespaced;
  return (implied ? { ...object, metadata } : object) as never;
}

/** What belongs to no app has one that makes nothing but holds it. */
function addHome({ homeless }: Folded, tree: Tree, options: ImportOptions, outcomes: Outcome[]): void {
  if (homeless.length === 0) return;
  const [name = "shared"] = appNames(
    [{ name: "shared", namespace: options.company }],
    Object.keys(tree.apps),
  );
  const namespace =
    homeless.map(({ source }) => source.object.metadata.namespace).find((ns) => ns) ?? options.namespace;
  tree.apps[name] = compact({
    ...(namespace !== options.company && { namespace }),
    image: "registry.k8s.io/pause:3.10",
    adjust: { omit: ["Deployment", "NetworkPolicy", "PodDisruptionBudget", "ServiceAccount"] },
    raw: homeless.map(({ source }) => rawObject(source.object, namespace)),
  });
  for (const { source, why } of homeless) outcomes.push(outcome(source, { as: "raw", app: name, why }));
}

function notesOf(sources: Source[], folded: Folded, { namespace }: ImportOptions, placed: number): string[] {
  const notes: string[] = [];
  if (placed > 0)
    notes.push(
      `${counted(placed, "object")} without a namespace ${placed > 1 ? "go" : "goes"} to ${namespace}`,
    );
  for (const { hook, object, from } of sources)
    if (hook)
      notes.push(
        `${object.kind} ${object.metadata.name} (${from}) is a Helm hook (${hook}): it is applied with the rest, not at that event`,
      );
  for (const { object, from } of sources) {
    const [first] = validateObject(object, { kubernetes: "1.36" }).filter(
      ({ keyword }) => keyword !== "unknown-kind",
    );
    if (first)
      notes.push(
        `${object.kind} ${object.metadata.name} (${from}): ${first.path}: ${first.message}; Kubernetes would refuse it, and so does \`landfall check\``,
      );
  }
  for (const own of folded.folds) notes.push(...notesOfFold(own));
  return notes;
}

function notesOfFold({ app, workload, autoscaler }: Fold): string[] {
  const spec = branch(workload.object.spec);
  const both = autoscaler && spec.replicas !== undefined;
  const containers = branches(branch(branch(spec.template).spec).containers);
  const clear = containers.flatMap(({ env }) =>
    branches(env)
      .filter(({ name, value }) => typeof value === "string" && value !== "" && isSecretName(String(name)))
      .map(
        ({ name }) =>
          `${app}: ${name} looks like a secret and stands in clear; \`landfall secret set\` keeps it encrypted`,
      ),
  );
  const replicas = `${app}: it says replicas and has an autoscaler, which changes them; remove \`replicas\` from its adjust`;
  return [...(both ? [replicas] : []), ...clear];
}
