/**
 * A release that begins or ceases to be analysed. A canary controller then makes and owns the Service and the route that
 * Flux had, or gives them back. In one commit Flux would remove them before the other has them, and the workload that
 * serves would be scaled to nothing before a second one stands. So, by phase:
 *
 *   lend     the old content, whose Service and routes say that they are not to be pruned
 *   adopt    the declared content, until the canary controller has everything and it belongs to its Canary
 *   rest     the old content with the declared pods, the Canary suspended and the routes beside its own, until the workload it had scaled to nothing serves as many pods
 *   return   the declared content and what is left of the old, until the Service and routes lead back
 *
 * Pure; what a cluster is asked meanwhile is in `platform/hand-over-release.ts`.
 */
import type { KubernetesObject } from "../schema/object.ts";
import { toYaml } from "../util/yaml.ts";
import { groupKind } from "./immutable.ts";
import { missingIn } from "./moves.ts";
import { identity } from "./objects.ts";
import type { HandOverPhase, Objects } from "./types.ts";

/** Which way a bundle's release changes, and whose it is. */
export interface ReleaseChange {
  phase: "lend" | "rest";
  /** The Canary: `canary shop/web`, as steps name it. */
  canary: string;
  /** What Flux had and the canary controller has from now on. */
  lent: Objects;
}

const canaryKind = "flagger.app/Canary";
const routed = new Set(["Service", "gateway.networking.k8s.io/HTTPRoute"]);

/** Each release that changes from `old` to `now`. */
export function releaseChanges(old: Objects, now: Objects): ReleaseChange[] {
  return [...changesTo("lend", old, now), ...changesTo("rest", now, old)];
}

/** One that is there in `withCanary` alone, and whose Service is in the other. */
function changesTo(phase: "lend" | "rest", without: Objects, withCanary: Objects): ReleaseChange[] {
  const canaries = withCanary.filter((object) => groupKind(object) === canaryKind);
  if (canaries.length === 0) return [];
  const lost = new Set(missingIn(without, withCanary));
  const routes = without.filter((object) => routed.has(groupKind(object)) && lost.has(identity(object)));
  return canaries
    .filter((canary) =>
      routes.some(({ kind, metadata }) => kind === "Service" && metadata.name === canary.metadata.name),
    )
    .map((canary) => ({ phase, canary: `canary ${placeOf(canary)}`, lent: phase === "lend" ? routes : [] }));
}

const placeOf = ({ metadata: { name, namespace = "" } }: KubernetesObject) => `${namespace}/${name}`;

/** The namespace and name of the canary that a step names; undefined for a Kustomization. */
export function canaryOf(taker: string): { namespace: string; name: string } | undefined {
  const [, namespace, name] = /^canary ([^/]*)\/(.+)$/.exec(taker) ?? [];
  return namespace !== undefined && name !== undefined ? { namespace, name } : undefined;
}

export const releasePhases: ReadonlySet<HandOverPhase> = new Set(["lend", "adopt", "rest", "return"]);

const notPruned = { "kustomize.toolkit.fluxcd.io/prune": "disabled" };

/** What a bundle has in a phase that has a content of its own: made of what it had and of what is declared. */
export function releaseContent(phase: HandOverPhase, old: Objects, declared: Objects): string | undefined {
  if (phase === "lend") {
    const lent = new Set(releaseChanges(old, declared).flatMap((change) => change.lent.map(identity)));
    return documents(
      old.map((object) => (lent.has(identity(object)) ? annotated(object, notPruned) : object)),
    );
  }
  if (phase === "rest") return documents(restContent(old, declared));
  if (phase !== "return") return undefined;
  const left = new Set(missingIn(old, declared));
  return documents([...declared, ...old.filter((object) => left.has(identity(object)))]);
}

/**
 * The workload wakes with the pods that are declared. Those of the old content may be a version that its canary has just
 * refused, and would be replaced a moment later in any case.
 */
function restContent(old: Objects, declared: Objects): KubernetesObject[] {
  const pods = new Map(
    declared.flatMap((object) => {
      const template = podsOf(object);
      return template === undefined ? [] : [[identity(object), template] as const];
    }),
  );
  const missing = new Set(missingIn(declared, old));
  return [
    ...declared.filter((object) => missing.has(identity(object)) && !routed.has(groupKind(object))),
    ...old.map((object) => {
      const template = pods.get(identity(object));
      return suspended(
        template === undefined ? object : { ...object, spec: { ...(object.spec as object), template } },
      );
    }),
    ...routesBeside(old, declared),
  ];
}

const podsOf = ({ spec }: KubernetesObject) => (spec as { template?: object } | undefined)?.template;

/** A canary has one route for all hosts: the others come before it gives theirs up, and lead where it does. */
function routesBeside(old: Objects, declared: Objects): Objects {
  const canaries = new Set(old.filter((object) => groupKind(object) === canaryKind).map(placeOf));
  const missing = new Set(missingIn(declared, old));
  return declared.filter(
    (object) =>
      object.kind === "HTTPRoute" && missing.has(identity(object)) && !canaries.has(placeOf(object)),
  );
}

const documents = (objects: Objects) => objects.map((object) => toYaml(object)).join("---\n");

function annotated(object: KubernetesObject, more: Record<string, string>): KubernetesObject {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...more } } };
}

function suspended(object: KubernetesObject): KubernetesObject {
  if (groupKind(object) !== canaryKind) return object;
  return { ...object, spec: { ...(object.spec as object), suspend: true } };
}
