/**
 * Judges bundles by the policy set. A bundle is judged by its own objects wherever these suffice; the cluster's other
 * bundles are read only for what a rule does not find among them, so that a verdict mostly holds wherever the same
 * objects go.
 */
import type { KubernetesObject } from "../../schema/object.ts";
import { type Problem, problem } from "../../util/errors.ts";
import { identityOf } from "../identity.ts";
import type { Bundle } from "../plan.ts";
import { policies } from "./index.ts";
import { type Around, type Policy, podTemplateOf } from "./policy.ts";

/** What a rule found in an object. */
export interface Finding {
  policy: Policy;
  object: KubernetesObject;
  says: string;
}

/** Where a bundle goes. */
export interface Surroundings {
  /** The company's domain. */
  domain: string;
  /** Every object of the cluster, the bundle's own among them; asked for when these do not suffice. */
  objects: () => Iterable<KubernetesObject>;
  /** Objects that are not judged, because their schema refuses them already. */
  unsound?: ReadonlySet<KubernetesObject>;
}

const forPods = policies.filter(({ on }) => on === "pods");
const ofKind = new Map<string, Policy[]>();

/** The rules for a kind: told once, then remembered. */
function policiesFor(kind: string): Policy[] {
  let found = ofKind.get(kind);
  if (!found) {
    found = policies.filter(({ on }) => on !== "pods" && on.includes(kind));
    ofKind.set(kind, found);
  }
  return found;
}

/** Everything that rules find in a bundle, also what it waives, in the objects' order. */
export function judgeBundle(bundle: Pick<Bundle, "kind" | "owner" | "objects">, at: Surroundings): Finding[] {
  const find = finder(bundle.objects, at.objects);
  const findings: Finding[] = [];
  for (const object of bundle.objects) {
    if (at.unsound?.has(object)) continue;
    const around: Around = { object, bundle, domain: at.domain, find };
    const add = (policy: Policy, what: never) => {
      for (const says of policy.check(what, around)) findings.push({ policy, object, says });
    };
    for (const policy of policiesFor(object.kind)) add(policy, object as never);
    const pod = podTemplateOf(object);
    if (pod) for (const policy of forPods) add(policy, pod as never);
  }
  return findings;
}

const indexes = new WeakMap<object, Map<string, KubernetesObject[]>>();

/** A cluster's objects by kind. They are asked for again and again, mostly for what is not there. */
function byKind(objects: Iterable<KubernetesObject>): Map<string, KubernetesObject[]> {
  const known = indexes.get(objects) ?? Map.groupBy(objects, ({ kind }) => kind);
  indexes.set(objects, known);
  return known;
}

function finder(own: readonly KubernetesObject[], all: Surroundings["objects"]): Around["find"] {
  return (kinds, namespace, test) => {
    const passes = (object: KubernetesObject) =>
      kinds.includes(object.kind) &&
      (namespace === undefined || object.metadata.namespace === namespace) &&
      test(object);
    const near = own.find(passes);
    if (near) return near;
    const others = byKind(all());
    for (const kind of kinds) {
      const found = others.get(kind)?.find(passes);
      if (found) return found;
    }
    return undefined;
  };
}

/** A finding as it is told. Its place is where the bundle is declared. */
export function findingProblem({ policy, object, says }: Finding, bundle: Pick<Bundle, "place">): Problem {
  return {
    ...problem("LF2005", {
      what: `${identityOf(object)}: ${says}`,
      why: `${policy.title}: ${policy.why} (policy ${policy.id})`,
      fix: policy.fix,
      where: bundle.place,
    }),
    severity: policy.severity,
  };
}
