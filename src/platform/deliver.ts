import type { Plan } from "../compile/plan.ts";
import { clusterStatus } from "../embedded/index.ts";
import { readState } from "../embedded/state/state.ts";
import { commitFleet } from "./build.ts";
import { buildImages, pushImages } from "./images.ts";
import { embeddedName, localClusters } from "./local-cluster.ts";

export interface Delivered {
  commit: string;
  /** False when the fleet repo had this content already. */
  changed: boolean;
  /** Epoch milliseconds. */
  committedAt: number;
}

/**
 * Commit the fleet, from which Flux takes it. Images that running local clusters do not have yet are built first, so
 * that no pod waits for one.
 */
export async function deliver(
  plan: Plan,
  message: string,
  progress: { say: (line: string) => void; signal: AbortSignal },
): Promise<Delivered> {
  const running = await runningClusters(plan);
  if (running.length > 0) {
    const images = await buildImages(plan, progress);
    for (const state of running) await pushImages(images, state, progress);
  }
  const { commit, parent } = await commitFleet(plan, message);
  return { commit, changed: commit !== parent, committedAt: Date.now() };
}

/** The local clusters of a plan that run real pods now. */
async function runningClusters(plan: Plan) {
  const names = localClusters(plan).map(({ name }) => embeddedName(plan.company, name));
  const statuses = await Promise.all(names.map(clusterStatus));
  return statuses.flatMap(({ name, state, mode }) => {
    const known = state === "running" && mode === "pods" ? readState(name) : undefined;
    return known ? [known] : [];
  });
}
