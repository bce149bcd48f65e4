import { setTimeout as sleep } from "node:timers/promises";
import { handOver } from "../changes/hand-over.ts";
import type { HandOverStep } from "../changes/types.ts";
import type { Plan } from "../compile/plan.ts";
import { forEachOf } from "../embedded/delivery/parallel.ts";
import type { FleetTree } from "../emit/flux/index.ts";
import { LandfallError } from "../util/errors.ts";
import { withCluster } from "./connect.ts";
import { askSteps } from "./hand-over-live.ts";
import { gitTree, treeOf } from "./plan-trees.ts";

/** What to commit on top of a head: the files with those of the steps that are due. */
export async function filesInSteps(
  plan: Plan,
  declared: FleetTree,
  { repo, head }: { repo: string; head: string | undefined },
): Promise<{ files: ReadonlyMap<string, string>; steps: HandOverStep[] }> {
  const files = new Map([...declared].map(([path, { text }]) => [path, text]));
  if (head === undefined) return { files, steps: [] };
  const { write, steps } = await handOver(await gitTree(repo, head), treeOf(declared), async (asked) => {
    const { settled } = await askClusters(plan, asked);
    return (step) => settled.has(keyOf(step));
  });
  return { files: new Map([...files, ...write]), steps };
}

const keyOf = ({ cluster, bundle, phase }: HandOverStep) => `${cluster}/${bundle}/${phase}`;

/** Wait until the clusters that can be reached have applied their steps; false when none will. */
export async function waitForSteps(
  plan: Plan,
  steps: readonly HandOverStep[],
  { say, signal, limitMs = 120_000 }: { say: (line: string) => void; signal: AbortSignal; limitMs?: number },
): Promise<boolean> {
  const end = performance.now() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const { settled, reached } = await askClusters(plan, steps);
    const open = steps.filter((step) => reached.has(step.cluster) && !settled.has(keyOf(step)));
    if (reached.size === 0 || performance.now() > end) return settled.size > 0;
    if (open.length === 0) return true;
    say(`hand-over: ${open.length} of ${steps.length} steps are being applied`);
    await sleep(500, undefined, { signal });
  }
}

const clustersAtATime = 16;

/** Which steps their clusters have applied, and which clusters answered at all. */
async function askClusters(plan: Plan, steps: readonly HandOverStep[]) {
  const settled = new Set<string>();
  const reached = new Set<string>();
  const ask = async ([name, own]: [string, HandOverStep[]]) => {
    const cluster = plan.clusters.find((candidate) => candidate.name === name);
    if (!cluster) return;
    try {
      const done = await withCluster(plan, cluster, (client) =>
        askSteps(client, cluster.deliveryNamespace, own),
      );
      reached.add(name);
      for (const step of done) settled.add(keyOf(step));
    } catch (error) {
      // A cluster that is away has applied nothing that we know of.
      if (!(error instanceof LandfallError)) throw error;
    }
  };
  await forEachOf([...Map.groupBy(steps, ({ cluster }) => cluster)], clustersAtATime, ask);
  return { settled, reached };
}
