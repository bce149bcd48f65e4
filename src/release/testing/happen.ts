import { isAtRest, stepCluster } from "./cluster.ts";
import type { World } from "./world.ts";

/** Time goes on. */
export function pass(world: World, ms: number): void {
  world.now += ms;
  world.truth.now = world.now;
}

/** Something may happen on the cluster by itself. */
export function wake({ busy, busySet }: World, cluster: string): void {
  if (busySet.has(cluster)) return;
  busySet.add(cluster);
  busy.push(cluster);
}

/** Wake the clusters whose pointers changed since the last look at the head. */
export function wakeMoved(world: World): void {
  const { head, branch } = world.fleet;
  if (world.headSeen === head.commit) return;
  const last = branch.findLast((commit) => commit.head.commit <= world.headSeen);
  world.headSeen = head.commit;
  for (const name of world.names) {
    if (last?.head.pointers[name] !== head.pointers[name]) wake(world, name);
  }
}

/** One busy cluster does its next bit. */
export function stepSome(world: World): void {
  const i = world.random.below(world.busy.length);
  const name = world.busy[i];
  const cluster = name === undefined ? undefined : world.clusters.get(name);
  if (!cluster || name === undefined) return;
  const wanted = world.fleet.head.pointers[name] ?? {};
  stepCluster(cluster, wanted, world.truth);
  if (!isAtRest(cluster, wanted)) return;
  world.busy[i] = world.busy.at(-1) ?? name;
  world.busy.pop();
  world.busySet.delete(name);
}
