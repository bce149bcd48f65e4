import type { KubernetesObject } from "../../schema/object.ts";
import { templateAnnotation } from "../labels.ts";

/** An object without the digest of its pod template, to hold against what others than landfall make: only it writes one. */
export function withoutDigest(object: KubernetesObject): KubernetesObject {
  const { spec } = structuredClone(object) as {
    spec?: { template?: { metadata?: { annotations?: Record<string, string> } } };
  };
  const metadata = spec?.template?.metadata;
  if (!metadata?.annotations?.[templateAnnotation]) return object;
  delete metadata.annotations[templateAnnotation];
  if (Object.keys(metadata.annotations).length === 0) delete metadata.annotations;
  return { ...object, spec };
}
