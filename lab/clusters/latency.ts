import { watchBranch } from "../../src/embedded/delivery/ref-watch.ts";
import type { Lab, LabCluster } from "./clusters.ts";
import { until } from "./engine.ts";
import { stepsOf } from "./fleet.ts";

const templates = { apiVersion: "flagger.app/v1beta1", kind: "MetricTemplate" };

/** A check's query as Flagger asks it, with the window of the analysis. */
export async function queryOf(
  { client }: LabCluster,
  app: string,
  check: string,
  window: string,
): Promise<string> {
  const found = await client.get(templates, `${app}.${check}`, "lab");
  const { query } = (found?.spec ?? { query: "" }) as { query: string };
  const values: Record<string, string> = { namespace: "lab", target: app, interval: window };
  return query.replaceAll(/\{\{ (\w+) \}\}/g, (_, name: string) => values[name] ?? "");
}

/** When the metric was above its limit first, and when the halting commit was seen, in epoch milliseconds. */
export async function haltTimes(
  lab: Lab,
  cluster: LabCluster,
  { query, max, release }: { query: string; max: number; release: string },
): Promise<{ metric: number; commit: number }> {
  let commit = 0;
  let moves = 0;
  const unwatch = watchBranch(lab.repo, "main", async () => {
    const at = Date.now();
    moves += 1;
    const steps = await stepsOf(lab.repo, release);
    if (commit === 0 && steps.some(({ action }) => action === "halt")) commit = at;
  });
  try {
    const why = () => `${moves} commits`;
    await until(async () => ((await cluster.ask(query)) ?? 0) > max, 180_000, why, 100);
    const metric = Date.now();
    await until(() => commit > 0, 120_000, why);
    return { metric, commit };
  } finally {
    unwatch();
  }
}
