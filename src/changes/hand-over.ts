/**
 * A change of owners, taken apart into commits that lose nothing on the way.
 *
 * kustomize-controller prunes what a Kustomization had and has no more, as long as the object's labels still name it.
 * When an object goes from one Kustomization to another in one commit, the old one may prune before the new one has
 * put its name there. And a field that leaves a manifest, and that nobody else owns, falls to its default: `replicas`
 * to 1. So, by phase:
 *
 *   orphan   the old Kustomization is suspended and removes nothing, while the new one takes over; then it is dropped
 *   hold     the same for one that stays: suspended with its old content, pruning off, while another takes objects …
 *   drop     … then it runs on without them, pruning off until it has forgotten them; then it is as declared
 *   scale    the old content, until somebody else than Flux owns `replicas`; then the content that leaves them out
 *
 * and for releases the phases of `release-change.ts`.
 *
 * (Flux' own `ignore` does not do for the last: kustomize-controller 1.9 fails on an ignored field that its manifest
 * lacks.) Pure: where a bundle is stands in the fleet itself, so a killed run goes on from the head. A phase ends when
 * the cluster was seen to have applied it (`settled`); until then it is committed again as it is.
 */
import { failure } from "../util/errors.ts";
import { type FleetTree, fleetTree } from "./fleet-tree.ts";
import { groupChanges } from "./groups.ts";
import { writeOverlay } from "./hand-over-files.ts";
import { compareGroups } from "./load.ts";
import type { LoadedGroup } from "./moves.ts";
import { releaseChanges } from "./release-change.ts";
import { type AskSettled, keyOf, stepsBetween, stepsOf } from "./steps.ts";
import type { HandOverStep, Tree } from "./types.ts";

export interface HandOver {
  /** What the commit has beside or instead of the declared files. */
  write: Map<string, string>;
  /** What must be applied before the next step; empty when the declared tree is committed as it is. */
  steps: HandOverStep[];
}

/** The steps that a head is in the middle of. */
export async function stepsIn(head: Tree): Promise<HandOverStep[]> {
  const marked = [...head.paths()].some(([path]) => /^clusters\/[^/]+\/root\/hand-over\.yaml$/.test(path));
  return marked ? stepsOf(await fleetTree(head)) : [];
}

/**
 * The tree to commit now, as what differs from the declared one (`next`), on the way from `head`. `ask` tells
 * which clusters have applied a step of the head, and for `scale` where the replicas have another owner.
 */
export async function handOver(headTree: Tree, nextTree: Tree, ask: AskSettled): Promise<HandOver> {
  const [head, next] = [await fleetTree(headTree), await fleetTree(nextTree)];
  const { groups } = await groupChanges(head, next);
  const { handing } = await compareGroups(head, next, groups);
  const steps = await stepsBetween(head, next, handing, ask);
  refuseBoth(steps, head);
  refuseRenamedRelease(handing);
  return { write: await writeOverlay(head, next, steps), steps };
}

/** There is one old content to keep: either until the objects have another owner, or until the replicas have. */
function refuseBoth(steps: readonly HandOverStep[], head: FleetTree): void {
  const moving = new Set(steps.filter(({ phase }) => phase !== "scale").map(keyOf));
  const both = steps.find(
    (step) =>
      step.phase === "scale" &&
      (moving.has(keyOf(step)) || !head.clusters.get(step.cluster)?.has(step.bundle)),
  );
  if (!both) return;
  throw failure("LF3010", {
    what: `${both.bundle} changes owners and gets an autoscaler in one change`,
    why: `${both.cluster} could not be asked to keep its replicas meanwhile, and they would fall to 1`,
    fix: `make ${both.cluster} reachable, or commit the rename first and the autoscaler after it`,
  });
}

/** Who takes a renamed app over would have to take some of its objects, and the canary controller the others. */
function refuseRenamedRelease(groups: readonly LoadedGroup[]): void {
  const both = groups.find(
    ({ renames, now }) => renames && releaseChanges((renames as LoadedGroup).old, now).length > 0,
  );
  if (!both) return;
  throw failure("LF3010", {
    what: `${both.renames?.bundle} is renamed to ${both.bundle} and released in another way in one change`,
    why: "its Service would belong to nobody, and its pods would fall to 1",
    fix: "commit the rename first and the release after it",
  });
}
