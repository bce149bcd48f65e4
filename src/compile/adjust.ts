import type { AppSpec } from "../model/app.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { isRecord } from "../util/records.ts";

type Branch = Record<string, unknown>;

/** What lists of Kubernetes are told apart by, the most telling first. */
const listKeys = ["name", "mountPath", "containerPort", "port", "ip", "topologyKey"];

/** The field that tells the elements of a list apart: all have it, no two have the same; undefined where none does. */
export function listKey(list: readonly unknown[]): string | undefined {
  if (list.length === 0 || !list.every(isRecord)) return undefined;
  return listKeys.find((key) => {
    const values = list.map((item) => item[key]);
    const told = values.every((value) => typeof value === "string" || typeof value === "number");
    return told && new Set(values.map(String)).size === list.length;
  });
}

/**
 * The objects of an app with its `adjust` applied: kinds left out (`Service`, or one object as `Service/web`), then
 * patches in order, each on every object of its kind, or on the one that was rendered under its name.
 */
export function adjustObjects(objects: KubernetesObject[], adjust: AppSpec["adjust"]): KubernetesObject[] {
  const omitted = new Set(adjust.omit);
  const kept = objects.filter(
    ({ kind, metadata }) => !omitted.has(kind) && !omitted.has(`${kind}/${metadata.name}`),
  );
  if (adjust.patch.length === 0) return kept;
  return kept.map((object) =>
    adjust.patch
      .filter(
        ({ kind, name }) => kind === object.kind && (name ?? object.metadata.name) === object.metadata.name,
      )
      .reduce((made, { set }) => patchObject(made, set) as KubernetesObject, object),
  );
}

/**
 * A JSON merge patch (RFC 7396) that also reaches into lists: where the object has a list and the patch a map, the
 * map's keys name elements (a container's `name`, a mount's `mountPath` …). Null removes an element, `*` patches each
 * that is there, a key that is not there adds one, and `$order` says the order of some or all by their keys.
 */
export function patchObject(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  if (Array.isArray(target)) return patchList(target, patch);
  const merged: Branch = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key === "__proto__") continue;
    if (value === null) delete merged[key];
    else merged[key] = patchObject(merged[key], value);
  }
  return merged;
}

function patchList(list: unknown[], { "*": each, $order: order, ...named }: Branch): unknown[] {
  const key = listKey(list) ?? "name";
  const keyOf = (item: unknown) => (isRecord(item) ? String(item[key]) : undefined);
  const base = each === undefined ? list : list.map((item) => patchObject(item, each));
  const known = new Set(base.map(keyOf));
  const patched = base.flatMap((item) => {
    const name = keyOf(item);
    if (name === undefined || !Object.hasOwn(named, name)) return [item];
    const change = named[name];
    return change === null ? [] : [patchObject(item, change)];
  });
  for (const [name, value] of Object.entries(named)) {
    if (known.has(name) || value === null) continue;
    const numbered = list.some((item) => isRecord(item) && typeof item[key] === "number");
    const own = numbered && /^\d+$/.test(name) ? Number(name) : name;
    patched.push(patchObject({ [key]: own }, value));
  }
  return Array.isArray(order) ? inOrder(patched, order.map(String), keyOf) : patched;
}

/** Those that `order` names come first, in its order. */
function inOrder(list: unknown[], order: string[], keyOf: (item: unknown) => string | undefined): unknown[] {
  const rank = (item: unknown) => {
    const at = order.indexOf(keyOf(item) ?? "");
    return at < 0 ? order.length : at;
  };
  return list.toSorted((a, b) => rank(a) - rank(b));
}
