/** A bundle beside what a cluster has: what applying it would change, as the API server itself says. */
import type { KubernetesObject } from "../schema/object.ts";
import { costOf } from "./cost.ts";
import { immutableChanges } from "./immutable.ts";
import { marksOf } from "./marks.ts";
import { nameOf, objectFields, removal, restartsOf } from "./objects.ts";
import type { Mark, ObjectChange, Objects, UnitChange } from "./types.ts";
import { ownerOfBundle } from "./units.ts";

/** One declared object and what a cluster says of it. */
export interface SeenObject {
  desired: KubernetesObject;
  /** As it is on the cluster; absent when it is not there. */
  live?: KubernetesObject;
  /** As it would be after applying it: the answer to a server-side dry run. */
  applied?: KubernetesObject;
  /** Why the API server would not take it. */
  refused?: string;
}

export interface SeenBundle {
  bundle: string;
  cluster: string;
  objects: readonly SeenObject[];
  /** What its Kustomization has on the cluster and is declared no more. */
  gone: Objects;
  /** Whether it is declared at all. */
  declared: boolean;
}

/** The changes of one bundle on one cluster; undefined when there are none. */
export function liveUnit({ bundle, cluster, objects, gone, declared }: SeenBundle): UnitChange | undefined {
  const before = objects.flatMap(({ live }) => live ?? []);
  const after = objects.map(({ desired, applied }) => applied ?? desired);
  const changes = [...objects.flatMap(seenChange), ...gone.map((object) => removal(object, false))].map(
    (change) => ({ ...change, marks: [...change.marks, ...marksOf(change, [...before, ...gone], after)] }),
  );
  if (changes.length === 0) return undefined;
  const any = (action: ObjectChange["action"]) => changes.some((change) => change.action === action);
  const action = before.length + gone.length === 0 ? "create" : any("replace") ? "replace" : "change";
  return {
    bundle,
    ...ownerOfBundle(bundle),
    action: declared ? action : "delete",
    clusters: [cluster],
    objects: changes,
    delivery: [],
    cost: { before: costOf([...before, ...gone]), after: costOf(declared ? after : []) },
    restarts: restartsOf(before, after),
    marks: [],
  };
}

function seenChange({ desired, live, applied, refused }: SeenObject): ObjectChange[] {
  const base = { object: nameOf(desired), fields: [], immutable: [], marks: [] };
  if (!live) return [{ ...base, action: "create" }];
  if (refused !== undefined) {
    // Defaults that only the cluster has are none of the change.
    const fields = objectFields(plain(live), desired).filter(({ to }) => to !== undefined);
    const immutable = immutableChanges(desired, fields, live.immutable === true);
    const mark: Mark = { level: "warning", text: `the API server refuses it: ${refused}` };
    return [
      { ...base, action: immutable.length > 0 ? "replace" : "change", fields, immutable, marks: [mark] },
    ];
  }
  const fields = applied ? objectFields(plain(live), plain(applied)) : [];
  return fields.length > 0 ? [{ ...base, action: "change", fields }] : [];
}

/** What the server keeps for itself is no change of anybody. */
function plain({ status: _, ...object }: KubernetesObject): KubernetesObject {
  const { managedFields, resourceVersion, generation, creationTimestamp, uid, ...metadata } = object.metadata;
  return { ...object, metadata } as KubernetesObject;
}

/** Objects of landfall's that no bundle has and no Kustomization knows of. */
export function orphanUnit(cluster: string, orphans: Objects): UnitChange | undefined {
  if (orphans.length === 0) return undefined;
  const objects = orphans.map((object) => ({ ...removal(object, true), marks: [] }));
  const cost = costOf(orphans);
  return {
    bundle: "orphans",
    kind: "cluster",
    owner: "orphans",
    action: "orphan",
    clusters: [cluster],
    objects,
    delivery: [],
    cost: { before: cost, after: cost },
    restarts: 0,
    marks: [
      {
        level: "warning",
        text: "nothing declares them any more, and Flux does not know them: remove them by hand",
      },
    ],
  };
}
