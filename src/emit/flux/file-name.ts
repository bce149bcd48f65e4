import { identityOf } from "../../compile/identity.ts";
import type { Bundle } from "../../compile/plan.ts";
import { groupOf, type KubernetesObject } from "../../schema/object.ts";
import { failure } from "../../util/errors.ts";

const joined = (...words: (string | undefined)[]) =>
  `${words.filter(Boolean).join("-").replaceAll(":", "-")}.yaml`;

/** From the name that reads best to the one that tells most. */
const forms: ((object: KubernetesObject) => string)[] = [
  ({ kind, metadata }) =>
    joined(kind.toLowerCase(), kind === "RoleBinding" ? metadata.namespace : "", metadata.name),
  ({ kind, metadata }) => joined(kind.toLowerCase(), metadata.namespace, metadata.name),
  ({ kind, apiVersion, metadata }) =>
    joined(kind.toLowerCase(), groupOf(apiVersion), metadata.namespace, metadata.name),
];

/**
 * The bundle's objects by file name: kind and name, with namespace and API group only where two would have one name.
 * Throws LF2006 when no form tells two objects apart, since one would overwrite the other.
 */
export function objectFiles({ objects, place }: Bundle): Map<string, KubernetesObject> {
  const files = new Map<string, KubernetesObject>();
  const short = forms[0] as (typeof forms)[0];
  for (const alike of Map.groupBy(objects, short).values()) {
    const form = forms.find((name) => new Set(alike.map(name)).size === alike.length) ?? short;
    for (const object of alike) {
      const name = form(object);
      const other = files.get(name);
      if (other) {
        throw failure("LF2006", {
          what: `${identityOf(other)} and ${identityOf(object)} would both be the file ${name}`,
          fix: "rename one of the two",
          where: place,
        });
      }
      files.set(name, object);
    }
  }
  return files;
}
