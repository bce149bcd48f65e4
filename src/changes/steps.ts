import type { KubernetesObject } from "../schema/object.ts";
import { scalerOf } from "./cost.ts";
import { type FleetTree, rootBundle } from "./fleet-tree.ts";
import type { LoadedGroup } from "./moves.ts";
import { identity, nameOf } from "./objects.ts";
import { phaseKey, rootObjects, takerKey } from "./roots.ts";
import type { HandOverPhase, HandOverStep } from "./types.ts";

/** The steps that a head is in the middle of, as its Kustomizations say. */
export async function stepsOf(head: FleetTree): Promise<HandOverStep[]> {
  const clusters = [...head.clusters].flatMap(([cluster, bundles]) => {
    const root = bundles.get(rootBundle);
    return root && head.filesAt(`${root}/hand-over.yaml`).length > 0 ? [cluster] : [];
  });
  return [...(await rootObjects(head, clusters))].flatMap(([cluster, objects]) =>
    objects.flatMap(({ metadata }) => {
      const phase = metadata.annotations?.[phaseKey] as HandOverPhase | undefined;
      const to = (metadata.annotations?.[takerKey] ?? "").split(",").filter(Boolean);
      return phase ? [{ cluster, bundle: metadata.name, phase, to, workloads: [] }] : [];
    }),
  );
}

/** Asks clusters about steps; gives which of them are settled. */
export type AskSettled = (steps: readonly HandOverStep[]) => Promise<(step: HandOverStep) => boolean>;

/** The steps that are due between two fleets: those under way, and the first ones of what changes owners now. */
export async function stepsBetween(
  head: FleetTree,
  next: FleetTree,
  loaded: readonly LoadedGroup[],
  ask: AskSettled,
): Promise<HandOverStep[]> {
  const begun = await stepsOf(head);
  const known = new Set(begun.map(keyOf));
  const fresh = loaded
    .flatMap((group) => firstSteps(group, loaded))
    .filter((step) => !known.has(keyOf(step)));
  const replicas = loaded.flatMap(scaleSteps);
  const asked = [...begun, ...replicas];
  const settled = asked.length > 0 ? await ask(asked) : () => false;
  const due = [
    ...begun.flatMap((step) => continued(step, next, settled(step))),
    ...fresh,
    ...replicas.filter((step) => !settled(step)),
  ];
  return due.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

export const keyOf = ({ cluster, bundle }: HandOverStep) => `${cluster}/${bundle}`;

/** What follows on a step of the head: itself until it is settled, then the next phase or nothing. */
function continued(step: HandOverStep, next: FleetTree, settled: boolean): HandOverStep[] {
  const cluster = next.clusters.get(step.cluster);
  if (!cluster) return [];
  const declared = cluster.has(step.bundle);
  // Taken back meanwhile, or removed on the way: nothing is left to hand over.
  if (declared === (step.phase === "orphan")) return [];
  if (!settled) return [step];
  return step.phase === "hold" ? [{ ...step, phase: "drop" }] : [];
}

/** The first step of a group that gives objects to others, on each of its clusters. */
function firstSteps(group: LoadedGroup, all: readonly LoadedGroup[]): HandOverStep[] {
  const { bundle, clusters, gives, after } = group;
  if (gives.length === 0) return [];
  const to = takersOf(group, all);
  const phase = after === undefined ? "orphan" : "hold";
  return clusters.map((cluster) => ({ cluster, bundle, phase, to, workloads: [] }));
}

function scaleSteps(group: LoadedGroup): HandOverStep[] {
  const workloads = lettingGoOfReplicas(group).map(nameOf);
  if (workloads.length === 0) return [];
  return group.clusters.map((cluster) => ({
    cluster,
    bundle: group.bundle,
    phase: "scale",
    to: [],
    workloads,
  }));
}

function takersOf(giver: LoadedGroup, all: readonly LoadedGroup[]): string[] {
  const given = new Set(giver.gives.map(identity));
  const takers = all.filter(
    (group) =>
      group.takes.get(giver.bundle)?.some((object) => given.has(identity(object))) &&
      group.clusters.some((cluster) => giver.clusters.includes(cluster)),
  );
  return [...new Set(takers.map(({ bundle }) => bundle))].sort();
}

/** Workloads that said how many pods they have, and leave it to an autoscaler from now on. */
function lettingGoOfReplicas({ old, now, takes }: LoadedGroup): KubernetesObject[] {
  const all = [...old, ...[...takes.values()].flat()];
  const before = new Map(all.map((object) => [identity(object), object]));
  return now.filter((object) => {
    const was = before.get(identity(object));
    return was && saysReplicas(was) && !saysReplicas(object) && scalerOf(object, now) !== undefined;
  });
}

/** Whether a group needs another owner for its replicas first. */
export const letsGoOfReplicas = (group: LoadedGroup) => lettingGoOfReplicas(group).length > 0;

const saysReplicas = ({ spec }: KubernetesObject) =>
  (spec as { replicas?: number } | undefined)?.replicas !== undefined;
