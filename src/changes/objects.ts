import type { KubernetesObject } from "../schema/object.ts";
import { canonicalJson } from "../util/hash.ts";
import { podsOf } from "./cost.ts";
import { fieldChanges } from "./fields.ts";
import { groupKind, immutableChanges } from "./immutable.ts";
import { marksOf } from "./marks.ts";
import type { FieldChange, ObjectChange, ObjectName, Objects } from "./types.ts";

/** What tells objects apart on a cluster; the version of the API does not. */
export function identity(object: KubernetesObject): string {
  const { name, namespace = "" } = object.metadata;
  return `${groupKind(object)} ${namespace}/${name}`;
}

export function nameOf({ apiVersion, kind, metadata }: KubernetesObject): ObjectName {
  const { name, namespace } = metadata;
  return { apiVersion, kind, ...(namespace && { namespace }), name };
}

/** Objects of a bundle before and after. `kept`: its Kustomization removes nothing, so what goes is orphaned. */
export function objectChanges(before: Objects, after: Objects, kept = false): ObjectChange[] {
  const old = new Map(before.map((object) => [identity(object), object]));
  const now = new Map(after.map((object) => [identity(object), object]));
  const renamed = renamedByContent(
    before.filter((object) => !now.has(identity(object))),
    after.filter((object) => !old.has(identity(object))),
  );
  const changes = [...now].flatMap(([id, object]) => changesOf(old.get(id) ?? renamed.get(object), object));
  const successors = new Set(renamed.values());
  const gone = before.filter((object) => !now.has(identity(object)) && !successors.has(object));
  const all = [...changes, ...gone.map((object) => removal(object, kept))];
  return all.map((change) => ({ ...change, marks: marksOf(change, before, after) }));
}

function changesOf(from: KubernetesObject | undefined, to: KubernetesObject): ObjectChange[] {
  const base = { object: nameOf(to), fields: [], immutable: [], marks: [] };
  if (!from) return [{ ...base, action: "create" }];
  const fields = objectFields(from, to);
  if (fields.length === 0) return [];
  const renamedFrom = from.metadata.name === to.metadata.name ? undefined : from.metadata.name;
  const immutable = renamedFrom ? [] : immutableChanges(to, fields, from.immutable === true);
  const action = immutable.length > 0 ? "replace" : "change";
  return [{ ...base, action, fields, immutable, ...(renamedFrom && { renamedFrom }) }];
}

/** The fields of an object that differ; values of Secrets are never shown. */
export function objectFields(from: KubernetesObject, to: KubernetesObject): FieldChange[] {
  const fields = withoutDigest(fieldChanges(from, to));
  if (to.kind !== "Secret") return fields;
  return fields
    .filter(({ path }) => !/^sops\b/.test(path))
    .map((field) => (/^(data|stringData)\b/.test(field.path) ? hidden(field) : field));
}

const digestPath = 'spec.template.metadata.annotations["landfall.dev/template"]';

/** A template's digest says nothing where the template's other changes are told. */
function withoutDigest(fields: FieldChange[]): FieldChange[] {
  const told = fields.some(({ path }) => path !== digestPath && path.startsWith("spec.template."));
  return told ? fields.filter(({ path }) => path !== digestPath) : fields;
}

function hidden({ path, from, to }: FieldChange): FieldChange {
  const veil = (value: unknown) => (typeof value === "object" && value ? Object.keys(value) : "(secret)");
  return { path, ...(from !== undefined && { from: veil(from) }), ...(to !== undefined && { to: veil(to) }) };
}

const pruneKey = "kustomize.toolkit.fluxcd.io/prune";

/** An object that goes, or that stays without an owner: `kept`, or because it says so itself. */
export function removal(object: KubernetesObject, kept: boolean): ObjectChange {
  const { annotations, labels } = object.metadata;
  const stays = kept || annotations?.[pruneKey] === "disabled" || labels?.[pruneKey] === "disabled";
  return {
    action: stays ? "orphan" : "delete",
    object: nameOf(object),
    fields: [],
    immutable: [],
    marks: [],
  };
}

/** Names made of content (`web-config-1a2b3c4d`): new object → the one whose place it takes. */
function renamedByContent(gone: Objects, made: Objects): Map<KubernetesObject, KubernetesObject> {
  const stem = (object: KubernetesObject) => {
    const [, base] = /^(.+)-[0-9a-f]{8}$/.exec(object.metadata.name) ?? [];
    return base && `${groupKind(object)} ${object.metadata.namespace ?? ""}/${base}`;
  };
  const old = Map.groupBy(gone, stem);
  const pairs = new Map<KubernetesObject, KubernetesObject>();
  for (const [base, objects] of Map.groupBy(made, stem)) {
    const [first, second] = old.get(base) ?? [];
    if (base && objects.length === 1 && first && !second) pairs.set(objects[0] as KubernetesObject, first);
  }
  return pairs;
}

/** Whether an object's pods are made anew: their template differs. */
function restartsPods(from: KubernetesObject, to: KubernetesObject): boolean {
  const template = ({ spec }: KubernetesObject) =>
    canonicalJson((spec as { template?: unknown } | undefined)?.template ?? null);
  const rolls = ["apps/Deployment", "apps/StatefulSet", "apps/DaemonSet"];
  return rolls.includes(groupKind(to)) && template(from) !== template(to);
}

/** How many pods are made anew between two states of a bundle. */
export function restartsOf(before: Objects, after: Objects): number {
  const old = new Map(before.map((object) => [identity(object), object]));
  const restarted = after.filter((object) => {
    const from = old.get(identity(object));
    return from && restartsPods(from, object);
  });
  return restarted.reduce((sum, object) => sum + podsOf(object, after).min, 0);
}
