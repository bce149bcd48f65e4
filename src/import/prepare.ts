import { identityOf } from "../compile/identity.ts";
import { groupOf, type KubernetesObject } from "../schema/object.ts";
import { kindOf } from "../schema/pack.ts";
import { branch, type Outcome, outcome, type Source } from "./source.ts";

export interface Prepared {
  sources: Source[];
  left: Outcome[];
  /** The objects that said no namespace and were given one. */
  placed: number;
}

/** Give every object of a namespaced kind its namespace, and keep one object of each identity: the last, as `apply` does. */
export function prepare(sources: Source[], namespace: string): Prepared {
  const scopes = scopesOf(sources);
  const left: Outcome[] = [];
  const byIdentity = new Map<string, Source>();
  let placed = 0;
  for (const given of sources) {
    const source = withNamespace(given, namespace, scopes);
    if (source !== given) placed++;
    const id = `${groupOf(source.object.apiVersion)} ${identityOf(source.object)}`;
    const earlier = byIdentity.get(id);
    if (earlier)
      left.push(outcome(earlier, { as: "left", why: `the same object is given again at ${source.from}` }));
    byIdentity.set(id, source);
  }
  return { sources: [...byIdentity.values()], left, placed };
}

/** Whether kinds are namespaced, from the definitions that are imported too. */
function scopesOf(sources: Source[]): Map<string, boolean> {
  const definitions = sources.filter(({ object }) => object.kind === "CustomResourceDefinition");
  return new Map(
    definitions.map(({ object }) => {
      const { group, names, scope } = branch(object.spec);
      return [`${group}/${branch(names).kind}`, scope === "Namespaced"] as const;
    }),
  );
}

/** The scope of a kind that nobody knows is the cluster's to tell, so its objects stay as they are. */
function withNamespace(source: Source, namespace: string, scopes: Map<string, boolean>): Source {
  const { object } = source;
  const { apiVersion, kind, metadata } = object;
  const namespaced = kindOf(apiVersion, kind)?.namespaced ?? scopes.get(`${groupOf(apiVersion)}/${kind}`);
  if (metadata.namespace || !namespaced) return source;
  const placed: KubernetesObject = { ...object, metadata: { ...metadata, namespace } };
  return { ...source, object: placed };
}
