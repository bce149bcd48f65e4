import type { HandOverStep } from "../changes/types.ts";
import type { Plan } from "../compile/plan.ts";
import { clusterStatus } from "../embedded/index.ts";
import { readState } from "../embedded/state/state.ts";
import type { Problem } from "../util/errors.ts";
import { commitFleet } from "./build.ts";
import { waitForSteps } from "./hand-over.ts";
import { buildImages, pushImages } from "./images.ts";
import { embeddedName, localClusters } from "./local-cluster.ts";
import { heldProblems } from "./release/hold.ts";

export interface Delivered {
  commit: string;
  /** False when the fleet repo had this content already. */
  changed: boolean;
  /** Steps of a hand-over that clusters have not applied yet: the next delivery goes on with them. */
  steps: HandOverStep[];
  /** What releases kept from being built. */
  held: Problem[];
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
  await shipImages(plan, progress);
  const { commit, parent, steps, held } = await commitFleet(plan, message);
  const delivered = await finishSteps(plan, message, { commit, steps }, progress);
  const changed = delivered.commit !== parent;
  return { ...delivered, changed, held: heldProblems(held), committedAt: Date.now() };
}

/** Have every image where the running local clusters pull it from. */
export async function shipImages(
  plan: Plan,
  progress: { say: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  const running = await runningClusters(plan);
  if (running.length === 0) return;
  const images = await buildImages(plan, progress);
  for (const state of running) await pushImages(images, state, progress);
}

/** Commit the steps that are left as the clusters apply those before; what cannot be asked stays for the next time. */
export async function finishSteps(
  plan: Plan,
  message: string,
  begun: Pick<Delivered, "commit" | "steps">,
  progress: { say: (line: string) => void; signal: AbortSignal },
): Promise<Pick<Delivered, "commit" | "steps">> {
  let { commit, steps } = begun;
  while (steps.length > 0 && (await waitForSteps(plan, steps, progress))) {
    ({ commit, steps } = await commitFleet(plan, `${message}\n\nThe next step of a hand-over.`));
  }
  return { commit, steps };
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
