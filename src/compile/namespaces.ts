import type { PlacedApp } from "../kit/placed-app.ts";
import type { KubernetesObject } from "../schema/object.ts";
import type { Bundle } from "./plan.ts";
import { looser, type Profile, profileFor } from "./waivers.ts";
import type { WiredPart } from "./wire.ts";

/** The annotation of what stays when nothing declares it any more. */
export const notPruned = { "kustomize.toolkit.fluxcd.io/prune": "disabled" };

/** Kubernetes' own namespaces are not ours to label: what else runs in them may need more than we do. */
const isOurs = (namespace: string) => !namespace.startsWith("kube-");

const appFacts = (bundles: Bundle[]) =>
  bundles.flatMap(({ kind, content }) => (kind === "app" ? content.facts : []));

/** Namespaces that only objects of apps' `raw` are in. */
function rawNamespaces(bundles: Bundle[]): Set<string> {
  const named = appFacts(bundles).flatMap(({ namespaces }) => namespaces);
  return new Set(named.filter((name) => name !== "default" && isOurs(name)));
}

/**
 * The namespaces of a cluster with the strictest profile of Pod Security that admits what is in them: `restricted`,
 * unless an app waives a rule of that profile, or a part says otherwise.
 */
export function namespacesOf(bundles: Bundle[], parts: WiredPart[], apps: PlacedApp[]): KubernetesObject[] {
  return [...levelsOf(bundles, parts, apps)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, level]) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name,
        labels: {
          "app.kubernetes.io/managed-by": "landfall",
          "pod-security.kubernetes.io/enforce": level,
          "pod-security.kubernetes.io/warn": level,
        },
        // Removing a namespace would remove what others put there.
        annotations: notPruned,
      },
    }));
}

function levelsOf(bundles: Bundle[], parts: WiredPart[], apps: PlacedApp[]): Map<string, Profile> {
  const levels = new Map<string, Profile>();
  const loosen = (name: string, level: Profile) =>
    levels.set(name, looser(levels.get(name) ?? "restricted", level));
  for (const app of apps) loosen(app.namespace, profileOf(app));
  for (const name of rawNamespaces(bundles)) loosen(name, "restricted");
  for (const app of apps)
    for (const name of namespacesOfRaw(app)) if (levels.has(name)) loosen(name, profileOf(app));
  const used = new Set(bundles.flatMap(({ content }) => content.facts.namespaces));
  for (const { definition, context } of parts) {
    if (!used.has(context.namespace) || !isOurs(context.namespace)) continue;
    loosen(context.namespace, definition.podSecurity?.level ?? "restricted");
  }
  // A namespace that an app brings is as it says; two of one name would undo each other.
  for (const name of appFacts(bundles).flatMap(({ madeNamespaces }) => madeNamespaces)) levels.delete(name);
  return levels;
}

const profileOf = (app: PlacedApp) => profileFor(app.spec.waive.map(({ rule }) => rule));
const namespacesOfRaw = (app: PlacedApp) => app.spec.raw.flatMap(({ metadata }) => metadata.namespace ?? []);
