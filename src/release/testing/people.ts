import { type Command, command } from "../command.ts";
import { movesOf } from "../pairs.ts";
import type { Move, Release } from "../release.ts";
import { pushByHand, rewrite } from "./fleet.ts";
import { wakeMoved } from "./happen.ts";
import { approvers } from "./make.ts";
import { commit } from "./store.ts";
import { revisionOf } from "./versions.ts";
import type { World } from "./world.ts";

const kinds: readonly Command["kind"][] = [
  "approve",
  "approve",
  "approve",
  "pause",
  "resume",
  "resume",
  "abort",
  "rollback",
  "acknowledge",
];

/** Somebody asks something of a release, whether it makes sense or not. */
export function somebodyAsks(world: World): void {
  const { random, fleet } = world;
  const release = random.pick(fleet.head.releases);
  const kind = random.pick(kinds);
  const by = random.pick([...approvers, "eve"]);
  if (release && kind && by && (kind !== "abort" || random.oneIn(3))) askFor(world, release.id, { kind }, by);
}

/** Ask for something; true when it was allowed and taken. */
export function askFor(world: World, id: string, asked: Command, by: string): boolean {
  const { head } = world.fleet;
  const before = head.releases.find((release) => release.id === id);
  const action = command(world.brain.trusted(head.releases), id, asked, { by, at: world.now });
  if ("code" in action || !before) return false;
  const { policy, waves } = before;
  noteApproval(world, before, action.release, by);
  return commit(world, head, { ...action, release: { ...action.release, policy, waves } }, by);
}

function noteApproval(world: World, before: Release, after: Release, by: string): void {
  const given = after.approvals.at(-1);
  if (!given || after.approvals.length === before.approvals.length) return;
  const gate = before.waves[given.wave]?.gates.find(({ id }) => id === given.gate);
  if (!approvers.includes(by) || (gate?.type === "approval" && gate.by && !gate.by.includes(by))) return;
  const key = `${after.id}|${given.wave}|${given.gate}`;
  world.approvals.set(key, new Set([...(world.approvals.get(key) ?? []), by]));
}

/** Somebody who does not know of landfall commits another content, or pushes with force. */
export function somebodyMeddles(world: World): void {
  const { random, fleet, names, kinds } = world;
  world.meddled = true;
  if (random.oneIn(2)) {
    rewrite(fleet, 1 + random.below(3));
  } else {
    const [cluster, kind] = [random.pick(names), random.pick(kinds)];
    if (cluster && kind) {
      const version = random.oneIn(2) ? 1 : 1000 + random.below(3);
      const revision = revisionOf({ bundle: kind.name, version, skip: false });
      if (version > 1) world.byHand.add(revision);
      pushByHand(fleet, [{ cluster, bundle: kind.name, revision }]);
    }
  }
  wakeMoved(world);
}

/** Whoever meddled takes it back: pointers go to what the release told its clusters. */
function takeBack(world: World): void {
  const { head } = world.fleet;
  const open = head.releases.filter(
    ({ phase }) => phase === "paused" || phase === "returning" || phase === "running",
  );
  const changes = open.flatMap((release) =>
    Object.keys(release.clusters).flatMap((cluster) =>
      movesOf(release, cluster).flatMap((move) => {
        const right = told(release, cluster, move);
        if (right.includes(head.pointers[cluster]?.[move.bundle] ?? "")) return [];
        return [{ cluster, bundle: move.bundle, revision: right[0] ?? "" }];
      }),
    ),
  );
  if (changes.length > 0) pushByHand(world.fleet, changes);
  wakeMoved(world);
}

/** What a bundle's pointer may be while the release is on its way, the best first. */
function told({ phase, clusters }: Release, cluster: string, { from, to, back }: Move): string[] {
  if (phase === "returning") return [back.revision, from.revision, to.revision];
  const moved = ["updating", "updated", "away"].includes(clusters[cluster]?.state ?? "");
  return moved ? [to.revision] : [from.revision, back.revision];
}

/** What stands in the way of quiet is seen to: pauses end, failures are acknowledged, approvals given. True when anything was. */
export function seeToAll(world: World): boolean {
  takeBack(world);
  return world.fleet.head.releases.some((release) => {
    if (release.phase === "paused") return askFor(world, release.id, { kind: "resume" }, "ann");
    if (askFor(world, release.id, { kind: "acknowledge" }, "ann")) return true;
    return approvers.some((by) => askFor(world, release.id, { kind: "approve" }, by));
  });
}
