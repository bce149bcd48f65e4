/**
 * Pods say which template made them. A rollout is proven by that digest on what serves, since names and phases stay the
 * same from one version to the next; what copies a template keeps its annotations.
 */
import { templateAnnotation } from "../kit/labels.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { sha256 } from "../util/hash.ts";

interface Template {
  metadata?: { annotations?: Record<string, string> };
}

const stamped = new Set(["Deployment", "StatefulSet"]);
const toCome = "";

/** A workload whose digest is still to be told, since adjustments may change its template, or take the digest away. */
export function withDigestToCome(object: KubernetesObject): KubernetesObject {
  return stamped.has(object.kind) ? annotated(object, toCome) : object;
}

/** The workloads with their digests: of the template without the digest itself. */
export function withTemplateDigest(objects: KubernetesObject[]): KubernetesObject[] {
  return objects.map((object) => {
    if (!stamped.has(object.kind)) return object;
    const template = templateOf(object);
    if (template?.metadata?.annotations?.[templateAnnotation] !== toCome) return object;
    // Rendering gives keys in one order, so the text needs no sorting, which takes ten times as long.
    return annotated(object, sha256(JSON.stringify(template)).slice(0, 16));
  });
}

const templateOf = ({ spec }: KubernetesObject) => (spec as { template?: Template } | undefined)?.template;

function annotated(object: KubernetesObject, digest: string): KubernetesObject {
  const template = templateOf(object);
  const metadata = template?.metadata;
  const annotations = { ...metadata?.annotations, [templateAnnotation]: digest };
  const spec = {
    ...(object.spec as object),
    template: { ...template, metadata: { ...metadata, annotations } },
  };
  return { ...object, spec };
}
