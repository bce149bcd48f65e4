/**
 * A change of owners, taken apart into commits that lose nothing on the way.
 *
 * kustomize-controller prunes what a Kustomization had and has no more, as long as the object's labels still name it.
 * When an object goes from one Kustomization to another in one commit, the old one may prune before the new one has
 * put its name there. And a field that leaves a manifest falls to its default: `replicas` to 1. So, by phase:
 *
 *   orphan   the old Kustomization is suspended and removes nothing, while the new one takes over; then it is dropped
 *   hold     the same for one that stays: suspended with its old content, pruning off, while another takes objects …
 *   drop     … then it runs on without them, pruning off until it has forgotten them; then it is as declared
 *   scale    the old content with a Kustomization that ignores `replicas`; then the content that leaves them out
 *
 * Pure: the phase stands in the fleet itself (annotations), so a killed run goes on from the head. A phase ends when the
 * cluster was seen to have applied it (`settled`); until then it is committed again as it is.
 */
import type { KubernetesObject } from "../schema/object.ts";
import { scalerOf } from "./cost.ts";
import { type FleetTree, fleetTree } from "./fleet-tree.ts";
import { groupChanges } from "./groups.ts";
import { writeOverlay } from "./hand-over-files.ts";
import type { LoadedGroup } from "./moves.ts";
import { identity } from "./objects.ts";
import { phaseKey, rootObjects, takerKey } from "./roots.ts";
import type { Objects, Tree } from "./types.ts";
import { loadGroups } from "./units.ts";

export type Phase = "orphan" | "hold" | "drop" | "scale";

/** One bundle of one cluster on its way. */
export interface HandOverStep {
  cluster: string;
  bundle: string;
  phase: Phase;
  /** Who takes its objects over; empty for `scale`. */
  to: string[];
}

export interface HandOver {
  /** What the commit has beside or instead of the declared files. */
  write: Map<string, string>;
  /** What must be applied before the next step; empty when the declared tree is committed as it is. */
  steps: HandOverStep[];
}

/** The steps that a head is in the middle of, as its Kustomizations say. */
export async function stepsIn(head: Tree): Promise<HandOverStep[]> {
  const marked = [...head.paths()].some(([path]) => /^clusters\/[^/]+\/root\/hand-over\.yaml$/.test(path));
  return marked ? stepsOf(await fleetTree(head)) : [];
}

async function stepsOf(head: FleetTree): Promise<HandOverStep[]> {
  const clusters = [...head.clusters].flatMap(([cluster, bundles]) => {
    const root = bundles.get("cluster");
    return root && head.filesAt(`${root}/hand-over.yaml`).length > 0 ? [cluster] : [];
  });
  return [...(await rootObjects(head, clusters))].flatMap(([cluster, objects]) =>
    objects.flatMap(({ metadata }) => {
      const phase = metadata.annotations?.[phaseKey] as Phase | undefined;
      const to = (metadata.annotations?.[takerKey] ?? "").split(",").filter(Boolean);
      return phase ? [{ cluster, bundle: metadata.name, phase, to }] : [];
    }),
  );
}

/**
 * The tree to commit now, as what differs from the declared one (`next`), on the way from `head`. `settled` tells
 * whether a step of the head was applied by its cluster.
 */
export async function handOver(
  headTree: Tree,
  nextTree: Tree,
  settled: (step: HandOverStep) => boolean,
): Promise<HandOver> {
  const [head, next] = [await fleetTree(headTree), await fleetTree(nextTree)];
  const { groups } = await groupChanges(head, next);
  const ongoing = (await stepsIn(headTree)).flatMap((step) => continued(step, next, settled(step)));
  const known = new Set(ongoing.map(keyOf));
  const begun = (await stepsIn(headTree)).map(keyOf);
  const loaded = await loadGroups(head, next, groups);
  const kustomizations = await ignoringReplicas(head, loaded);
  const fresh = loaded
    .flatMap((group) => firstSteps(group, loaded, kustomizations))
    .filter((step) => !known.has(keyOf(step)) && !begun.includes(keyOf(step)));
  const steps = [...ongoing, ...fresh].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return { write: await writeOverlay(head, next, steps), steps };
}

const keyOf = ({ cluster, bundle }: HandOverStep) => `${cluster}/${bundle}`;

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

/** The first step of a group that changes owners. */
function firstSteps(
  group: LoadedGroup,
  all: readonly LoadedGroup[],
  ignoring: ReadonlySet<string>,
): HandOverStep[] {
  const { bundle, clusters, gives } = group;
  const to = gives.length > 0 ? takersOf(group, all) : [];
  const phase = gives.length > 0 ? (group.after === undefined ? "orphan" : "hold") : "scale";
  const places =
    phase === "scale" ? clusters.filter((cluster) => !ignoring.has(`${cluster}/${bundle}`)) : clusters;
  if (phase === "scale" && !letsGoOfReplicas(group)) return [];
  return places.map((cluster) => ({ cluster, bundle, phase, to }));
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

/** Whether a workload that said how many pods it has is driven by an autoscaler from now on. */
function letsGoOfReplicas({ old, now }: LoadedGroup): boolean {
  const before = new Map(old.map((object) => [identity(object), object]));
  return now.some((object) => {
    const was = before.get(identity(object));
    return was && saysReplicas(was) && !saysReplicas(object) && scalerOf(object, now) !== undefined;
  });
}

const saysReplicas = ({ spec }: KubernetesObject) =>
  (spec as { replicas?: number } | undefined)?.replicas !== undefined;

/** Bundles whose Kustomization in the head lets others drive `replicas` already, as `cluster/bundle`. */
async function ignoringReplicas(head: FleetTree, loaded: readonly LoadedGroup[]): Promise<Set<string>> {
  const clusters = loaded.filter(letsGoOfReplicas).flatMap((group) => group.clusters);
  const roots = await rootObjects(head, [...new Set(clusters)]);
  return new Set(
    [...roots].flatMap(([cluster, objects]) =>
      objects.filter(ignoresReplicas).map(({ metadata }) => `${cluster}/${metadata.name}`),
    ),
  );
}

function ignoresReplicas({ spec }: Objects[number]): boolean {
  const rules = (spec as { ignore?: { paths?: string[] }[] } | undefined)?.ignore ?? [];
  return rules.some(({ paths }) => paths?.includes("/spec/replicas"));
}

/** A step for people. */
export function stepText({ cluster, bundle, phase, to }: HandOverStep): string {
  const takers = to.join(", ");
  const texts: Record<Phase, string> = {
    orphan: `${bundle} on ${cluster} hands its objects to ${takers}; once ${takers} is ready there, ${bundle} is dropped`,
    hold: `${bundle} on ${cluster} waits while ${takers} takes some of its objects over; then it goes on without them`,
    drop: `${bundle} on ${cluster} goes on without what ${takers} has; once that is applied it prunes again`,
    scale: `Flux lets go of ${bundle}'s replicas on ${cluster}; once that is applied its manifest leaves them out`,
  };
  return texts[phase];
}
