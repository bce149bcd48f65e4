import { groupOf, type KubernetesObject } from "../schema/object.ts";
import { identityOf } from "./identity.ts";
import { containersOf, podTemplateOf } from "./policies/policy.ts";

/** What a cluster must know of objects, without the objects themselves. */
export interface Facts {
  /** Group, kind, namespace and name of each. */
  identities: string[];
  /** Namespaces objects are in, and those they make. */
  namespaces: string[];
  madeNamespaces: string[];
  /** References of the images their pods run. */
  images: string[];
  /** Kinds that they define, and kinds they are of, as `group/Kind`. */
  defines: string[];
  kinds: string[];
}

/** The facts of objects; those whose form is wrong are met with care, since they are reported elsewhere. */
export function factsOf(objects: readonly KubernetesObject[]): Facts {
  const pods = objects.flatMap((object) => podTemplateOf(object) ?? []);
  return {
    identities: objects.map((object) => `${groupOf(object.apiVersion)} ${identityOf(object)}`),
    namespaces: unique(objects.flatMap(({ metadata }) => metadata.namespace ?? [])),
    madeNamespaces: objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name),
    images: unique(pods.flatMap((pod) => containersOf(pod).map(({ image }) => image))),
    defines: objects.flatMap(definedBy),
    kinds: unique(objects.map(({ apiVersion, kind }) => `${groupOf(apiVersion)}/${kind}`)),
  };
}

function definedBy({ kind, spec }: KubernetesObject): string[] {
  if (kind !== "CustomResourceDefinition") return [];
  const { group, names } = spec as { group: string; names: { kind: string } };
  return [`${group}/${names.kind}`];
}

const unique = (values: string[]) => (values.length > 1 ? [...new Set(values)] : values);
