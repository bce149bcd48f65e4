import type { KubernetesObject } from "../schema/object.ts";

/** `Deployment shop/cart` */
export function identityOf(object: KubernetesObject): string {
  const { name, namespace } = object.metadata;
  return `${object.kind} ${namespace ? `${namespace}/` : ""}${name}`;
}
