import { listKey, patchObject } from "../../compile/adjust.ts";
import type { AppServices } from "../../compile/app-policy.ts";
import { renderApp, type SecretNames } from "../../compile/render-app.ts";
import type { PlacedApp } from "../../kit/placed-app.ts";
import type { KubernetesObject } from "../../schema/object.ts";
import { isRecord } from "../../util/records.ts";
import type { ChartValues } from "./schema.ts";

/**
 * An app's `adjust` for the chart. Go has no order of a map's keys, and where a patch adds elements to a list their
 * order counts: there, and only there, the patch says it in `$added`.
 */
export function adjustValues(
  app: PlacedApp,
  services: AppServices,
  secretName: SecretNames,
): NonNullable<ChartValues["adjust"]> {
  const { omit, patch } = app.spec.adjust;
  if (patch.length === 0) return omit.length > 0 ? { omit } : {};
  const plain = { ...app, spec: { ...app.spec, adjust: { omit: [], patch: [] } } };
  const adding = addingPatches(renderApp(plain, services, secretName), patch);
  return {
    ...(omit.length > 0 && { omit }),
    patch: patch.map((one) => ({ ...one, set: withOrder(one.set, adding) as never })),
  };
}

/** The maps inside patches that add several elements to a list, in an order other than by name. */
function addingPatches(
  objects: KubernetesObject[],
  patches: PlacedApp["spec"]["adjust"]["patch"],
): Set<unknown> {
  const adding = new Set<unknown>();
  for (const object of objects) {
    let state: unknown = object;
    for (const { kind, name = object.metadata.name, set } of patches) {
      if (kind !== object.kind || name !== object.metadata.name) continue;
      mark(state, set, adding);
      state = patchObject(state, set);
    }
  }
  return adding;
}

function mark(target: unknown, patch: unknown, adding: Set<unknown>): void {
  if (!isRecord(patch)) return;
  if (!Array.isArray(target)) {
    for (const [key, part] of Object.entries(patch)) mark(isRecord(target) ? target[key] : {}, part, adding);
    return;
  }
  const key = listKey(target) ?? "name";
  const { "*": each, $order: _, ...named } = patch;
  const base = each === undefined ? target : target.map((item) => patchObject(item, each));
  const find = (name: string) => base.find((item) => isRecord(item) && String(item[key]) === name);
  const added = Object.keys(named).filter((name) => named[name] !== null && find(name) === undefined);
  if (added.join("\0") !== added.toSorted().join("\0")) adding.add(patch);
  for (const item of target) mark(item, each, adding);
  for (const [name, part] of Object.entries(named)) mark(find(name) ?? {}, part, adding);
}

function withOrder(patch: unknown, adding: Set<unknown>): unknown {
  if (!isRecord(patch)) return patch;
  const parts = Object.entries(patch).map(([key, part]) => [key, withOrder(part, adding)]);
  if (adding.has(patch))
    parts.push(["$added", Object.keys(patch).filter((key) => !/^(\*|\$order)$/.test(key))]);
  return Object.fromEntries(parts);
}
