import type { KubernetesObject } from "../schema/object.ts";
import { scalerOf } from "./cost.ts";
import { type FleetTree, rootBundle } from "./fleet-tree.ts";
import type { LoadedGroup } from "./moves.ts";
import { identity, nameOf } from "./objects.ts";
import { releaseChanges, releasePhases } from "./release-change.ts";
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
  const released = loaded.flatMap(releaseSteps);
  const wanted = new Map(released.map((step) => [keyOf(step), step.phase]));
  const fresh = loaded
    .flatMap((group) => firstSteps(group, loaded))
    .filter((step) => !known.has(keyOf(step)));
  const replicas = loaded.flatMap(scaleSteps);
  const asked = [...begun, ...replicas];
  const settled = asked.length > 0 ? await ask(asked) : () => false;
  const going = begun.flatMap((step) =>
    releasePhases.has(step.phase)
      ? continuedRelease(step, next, { settled: settled(step), wanted: wanted.get(keyOf(step)) })
      : continued(step, next, settled(step)),
  );
  const busy = new Set(going.map(keyOf));
  // What ended a moment ago does not begin again, unless it is wanted the other way round by now.
  const ended = new Set(begun.filter(({ phase }) => phase === "return").map(keyOf));
  const due = [
    ...going,
    ...fresh,
    ...released.filter(
      (step) => !busy.has(keyOf(step)) && !(step.phase === "rest" && ended.has(keyOf(step))),
    ),
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

/**
 * What follows on a step of a release. `wanted` is the phase it would begin with now: where that is another, it was
 * taken back before anything had changed hands. Once it has, the step is ended first.
 */
function continuedRelease(
  step: HandOverStep,
  next: FleetTree,
  { settled, wanted }: { settled: boolean; wanted: HandOverPhase | undefined },
): HandOverStep[] {
  const { phase } = step;
  if (!next.clusters.get(step.cluster)?.has(step.bundle)) return [];
  if ((phase === "lend" || phase === "rest") && wanted !== phase) return [];
  if (!settled) return [step];
  if (phase === "lend") return [{ ...step, phase: "adopt" }];
  return phase === "rest" ? [{ ...step, phase: "return" }] : [];
}

/** The first step of a release that begins or ceases to be analysed, on each cluster. */
function releaseSteps({ bundle, clusters, old, now, before, after }: LoadedGroup): HandOverStep[] {
  if (before === undefined || after === undefined) return [];
  const changes = releaseChanges(old, now);
  const [first] = changes;
  if (!first) return [];
  const to = changes.filter(({ phase }) => phase === first.phase).map(({ canary }) => canary);
  return clusters.map((cluster) => ({ cluster, bundle, phase: first.phase, to, workloads: [] }));
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
  // They are handed over with the rest.
  if (releaseSteps(group).length > 0) return [];
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
