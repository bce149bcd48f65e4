/** A fleet whose hand-overs go out step by step, as `build --commit` does it, for the tests with a real controller. */
import { expect } from "vitest";
import { handOver } from "../../changes/hand-over.ts";
import { textTree } from "../../changes/trees.ts";
import type { HandOverStep } from "../../changes/types.ts";
import type { ClusterClient } from "../../cluster/client.ts";
import type { Plan } from "../../compile/plan.ts";
import type { RunningPublisher, TestFleet } from "../../embedded/delivery/testing/fleet.ts";
import { emitFleet } from "../../emit/flux/index.ts";
import { commitTree } from "../../emit/git/commit.ts";
import { headOf } from "../../emit/git/fleet.ts";
import { askSteps } from "../hand-over-live.ts";
import { gitTree } from "../plan-trees.ts";

export const author = { name: "landfall", email: "landfall@localhost" };

interface Setting {
  client: ClusterClient;
  fleet: TestFleet;
  publisher: RunningPublisher | undefined;
}

/** Only the apps' bundles: the parts' pods would never be ready here, and nothing waits for them. */
export function appFiles(plan: Plan): Map<string, string> {
  for (const cluster of plan.clusters) {
    cluster.bundles = cluster.bundles.filter(({ kind }) => kind === "app");
    for (const bundle of cluster.bundles) bundle.after = [];
  }
  return new Map(
    [...emitFleet(plan)].map(([path, text]) => [path, text.replaceAll("wait: true", "wait: false")]),
  );
}

/** One commit on the way to a plan; the steps that are left. */
async function commit({ client, fleet, publisher }: Setting, plan: Plan): Promise<HandOverStep[]> {
  const head = await headOf(fleet.repo);
  const files = appFiles(plan);
  const tree = head ? await gitTree(fleet.repo, head) : textTree(new Map());
  const { write, steps } = await handOver(tree, textTree(files), async (asked) => {
    const done = await askSteps(client, "flux-system", asked);
    return (step) => done.includes(step);
  });
  const all = new Map([...files, ...write]);
  const made = await commitTree({ repo: fleet.repo, files: all, message: "test", author });
  await expect.poll(() => publisher?.service.status().commit, { timeout: 20_000 }).toBe(made.commit);
  return steps;
}

/** Commit until nothing is left, each step as soon as the cluster has applied the one before. Gives how many it took. */
export async function commitAll(setting: Setting, plan: Plan): Promise<number> {
  for (let commits = 1; ; commits++) {
    const steps = await commit(setting, plan);
    if (steps.length === 0) return commits;
    const settled = async () => (await askSteps(setting.client, "flux-system", steps)).length;
    await expect.poll(settled, { timeout: 120_000, interval: 100 }).toBe(steps.length);
  }
}
