/**
 * Groups objects into apps. Each Deployment and StatefulSet is an app; what selects its pods, what its pods refer to
 * and what leads to its Services comes with it. Names count only where nothing else tells.
 */
import { podTemplateOf } from "../compile/policies/policy.ts";
import { appNames } from "./app-names.ts";
import { claims } from "./claims.ts";
import { type Draft, type Folded, inNamespace, ofKind, ownerOf, type State, specOf } from "./fold-state.ts";
import { podLabels, referencesOf, selects } from "./relations.ts";
import { branch, type Source, text, typeOf } from "./source.ts";

/** Fold objects into apps. Every object given is in exactly one place of the result. */
export function fold(sources: Source[]): Folded {
  const state: State = { rest: new Set(sources), drafts: [], left: [] };
  for (const source of sources) if (isWorkload(source)) state.drafts.push(draft(source, state));
  claimServices(state);
  nameApps(state);
  for (const claim of claims) claim(state);
  const homeless = [...state.rest].map((source) => ({ source, why: "it belongs to no single app" }));
  const folds = state.drafts.map(({ labels: _l, references: _r, services: _s, ...own }) => own);
  return { folds, homeless, left: state.left };
}

function isWorkload({ object, hook }: Source): boolean {
  const image = podTemplateOf(object)?.spec.containers[0]?.image;
  return (
    !hook && ["apps/Deployment", "apps/StatefulSet"].includes(typeOf(object)) && typeof image === "string"
  );
}

function draft(workload: Source, state: State): Draft {
  state.rest.delete(workload);
  const { object } = workload;
  return {
    app: object.metadata.name,
    namespace: object.metadata.namespace ?? "",
    workload,
    beside: [],
    labels: podLabels(object),
    references: referencesOf(object),
    services: [],
  };
}

function claimServices(state: State): void {
  for (const source of ofKind(state, "/Service")) {
    const owner = ownerOf(
      state,
      source,
      (d) => inNamespace(source, d) && selects(specOf(source).selector, d.labels),
    );
    if (!owner) continue;
    state.rest.delete(source);
    owner.services.push(source);
  }
  for (const draft of state.drafts) sortServices(draft);
}

function sortServices(draft: Draft): void {
  const { object } = draft.workload;
  const isHeadless = (s: Source) => specOf(s).clusterIP === "None";
  const governing = text(branch(object.spec).serviceName);
  const headless =
    object.kind === "StatefulSet"
      ? (draft.services.find((s) => s.object.metadata.name === governing && isHeadless(s)) ??
        draft.services.find(isHeadless))
      : undefined;
  const others = draft.services.filter((s) => s !== headless);
  const rank = (s: Source) =>
    (s.object.metadata.name === object.metadata.name ? 0 : 2) +
    ((specOf(s).type ?? "ClusterIP") === "ClusterIP" ? 0 : 1);
  const [service, ...more] = others.toSorted((a, b) => rank(a) - rank(b));
  if (headless) draft.headless = headless;
  if (service) draft.service = service;
  for (const source of more) draft.beside.push({ source, why: "an app makes one Service; this is another" });
}

/** Callers know an app by its Service, so its name is the app's. */
function nameApps({ drafts }: State): void {
  const wanted = drafts.map(({ service, headless, workload, namespace }) => ({
    name: (service ?? headless ?? workload).object.metadata.name,
    namespace,
  }));
  for (const [i, name] of appNames(wanted).entries()) {
    const draft = drafts[i];
    if (draft) draft.app = name;
  }
}
