import type { Release } from "../../release/release.ts";

/**
 * How fast the released apps spend their error budgets: a sample for each app that has promised something. One that
 * has no requests yet, and so no share of failed ones, gives NaN: silence is no success.
 */
export function burnRateQuery(release: Pick<Release, "moves">, window: string): string {
  const workloads = release.moves.flatMap(({ to }) => to.workloads);
  const either = (values: string[]) => [...new Set(values)].sort().join("|");
  const names = either(workloads.map(({ name }) => name));
  const namespaces = either(workloads.map(({ namespace }) => namespace));
  const of = `{app=~"${names}",namespace=~"${namespaces}"}`;
  const budget = `app:error_budget:ratio${of}`;
  const ratio = `app:request_error_ratio:rate${window}${of}`;
  return `(${ratio} / on (app, namespace) ${budget}) or on (app, namespace) (${budget} * NaN)`;
}
