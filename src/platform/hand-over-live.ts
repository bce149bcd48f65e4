import { releasePhases } from "../changes/release-change.ts";
import type { HandOverStep } from "../changes/types.ts";
import type { ClusterClient } from "../cluster/client.ts";
import type { LiveObject } from "../cluster/types.ts";
import { askRelease } from "./hand-over-release.ts";
import { keepReplicas } from "./hand-over-replicas.ts";

const kustomization = { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization" };

/**
 * The steps that a cluster has applied. For `scale` the replicas are given a second owner here and now, with the number
 * they have, so that they stay when Flux lets go of them.
 */
export async function askSteps(
  client: ClusterClient,
  namespace: string,
  steps: readonly HandOverStep[],
): Promise<HandOverStep[]> {
  const live = await client.list(kustomization, { namespace });
  const byName = new Map(live.map((object) => [object.metadata.name, object as LiveKustomization]));
  const done: HandOverStep[] = [];
  for (const step of steps) {
    if (await settles(client, step, byName)) done.push(step);
  }
  return done;
}

async function settles(
  client: ClusterClient,
  step: HandOverStep,
  live: ReadonlyMap<string, LiveKustomization>,
): Promise<boolean> {
  if (step.phase === "scale") return keepReplicas(client, step.workloads);
  if (releasePhases.has(step.phase)) return askRelease(client, step, isReady(live.get(step.bundle)));
  return isSettled(step, live);
}

interface LiveKustomization extends LiveObject {
  spec: { suspend?: boolean; prune?: boolean; deletionPolicy?: string };
  status?: {
    observedGeneration?: number;
    conditions?: { type: string; status: string }[];
    inventory?: { entries?: { id: string }[] };
  };
}

/** Whether a cluster has applied a step, as its Kustomizations say. */
function isSettled(step: HandOverStep, live: ReadonlyMap<string, LiveKustomization>): boolean {
  const own = live.get(step.bundle);
  const takers = step.to.map((name) => live.get(name));
  // Gone already: nothing of it can be pruned any more.
  if (!own) return step.phase === "orphan" && takers.every(isReady);
  if (own.spec.prune !== false || !takers.every(isReady)) return false;
  if (step.phase === "drop")
    return !own.spec.suspend && isReady(own) && !takers.some((taker) => overlap(own, taker));
  return own.spec.suspend === true && (step.phase === "hold" || own.spec.deletionPolicy === "Orphan");
}

function isReady(object: LiveKustomization | undefined): boolean {
  const ready = object?.status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" && object?.status?.observedGeneration === object?.metadata.generation;
}

function overlap(own: LiveKustomization, taker: LiveKustomization | undefined): boolean {
  const ids = (object: LiveKustomization | undefined) =>
    (object?.status?.inventory?.entries ?? []).map(({ id }) => id);
  const taken = new Set(ids(taker));
  return ids(own).some((id) => taken.has(id));
}
