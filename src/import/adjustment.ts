/** Compares what an app's fields make with the originals: what differs becomes `adjust`, what fits nothing `raw`. */
import { patchObject } from "../compile/adjust.ts";
import type { AppSpec } from "../model/app.ts";
import type { KubernetesObject } from "../schema/object.ts";
import { diffObjects } from "./diff-patch.ts";
import type { Fold } from "./fold-state.ts";
import { equalObjects } from "./normal-form.ts";
import type { Source } from "./source.ts";

export interface Adjustment {
  omit: string[];
  patch: AppSpec["adjust"]["patch"];
  /** Originals that the app's fields make, with the patches. */
  folded: Source[];
  /** Originals that nothing rendered comes near to. */
  raw: { source: Source; why: string }[];
}

/** What must be said beside an app's fields so that its objects are the originals. `rendered` is without adjustment. */
export function adjustmentOf(fold: Fold, rendered: KubernetesObject[]): Adjustment {
  const result: Adjustment = { omit: [], patch: [], folded: [], raw: [] };
  const open = new Set(members(fold));
  for (const object of rendered) {
    const source = [...open].find((candidate) => isCounterpart(fold, object, candidate));
    if (source && settle(source, object, rendered, result)) open.delete(source);
    else result.omit.push(nameIn(object, rendered));
  }
  for (const source of open) result.raw.push({ source, why: "the app's fields make no such object" });
  result.omit = [...new Set(result.omit)].sort();
  return result;
}

function members({ workload, service, headless, account, autoscaler, budget, config }: Fold): Source[] {
  const all = [workload, service, headless, account, autoscaler, budget, config];
  return all.filter((source) => source !== undefined);
}

function isCounterpart(fold: Fold, object: KubernetesObject, source: Source): boolean {
  if (source === fold.workload) return ["Deployment", "StatefulSet"].includes(object.kind);
  if (object.kind !== source.object.kind) return false;
  if (object.kind !== "Service") return true;
  const pods = object.metadata.name !== fold.app;
  return fold.service && fold.headless ? pods === (source === fold.headless) : true;
}

/** One object of several of its kind is named. */
function nameIn({ kind, metadata }: KubernetesObject, all: KubernetesObject[]): string {
  return all.filter((other) => other.kind === kind).length > 1 ? `${kind}/${metadata.name}` : kind;
}

/** Whether a patch makes the original of what is rendered, as applying it proves. */
function settle(
  source: Source,
  object: KubernetesObject,
  all: KubernetesObject[],
  result: Adjustment,
): boolean {
  const set = diffObjects(object, source.object);
  if (set && !equalObjects(patchObject(object, set) as KubernetesObject, source.object)) return false;
  const several = all.filter((other) => other.kind === object.kind).length > 1;
  const { kind, metadata } = object;
  if (set) result.patch.push({ kind, ...(several && { name: metadata.name }), set: set as never });
  result.folded.push(source);
  return true;
}
