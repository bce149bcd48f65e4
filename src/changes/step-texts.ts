import type { HandOverPhase, HandOverStep } from "./types.ts";

/** Steps for people: the same step of many clusters is told once. */
export function stepTexts(steps: readonly HandOverStep[]): string[] {
  const alike = Map.groupBy(steps, ({ bundle, phase, to }) => `${phase} ${bundle} ${to.join()}`);
  return [...alike.values()].map((same) => {
    const [{ bundle, phase, to }] = same as [HandOverStep];
    const where = same.length > 3 ? `${same.length} clusters` : same.map(({ cluster }) => cluster).join(", ");
    return stepText(bundle, phase, to.join(", "), where);
  });
}

function stepText(bundle: string, phase: HandOverPhase, takers: string, where: string): string {
  const texts: Record<HandOverPhase, string> = {
    orphan: `${bundle} on ${where} hands its objects to ${takers}; once ${takers} is ready there, ${bundle} is dropped`,
    hold: `${bundle} on ${where} waits while ${takers} takes some of its objects over; then it goes on without them`,
    drop: `${bundle} on ${where} goes on without what ${takers} has; once that is applied it prunes again`,
    lend: `${bundle} on ${where} keeps its Service and routes from being removed, for ${takers} to take them over`,
    adopt: `${bundle} on ${where} is released by ${takers} once that has its copies and the Service and routes`,
    rest: `${bundle} on ${where} suspends ${takers} and starts as many pods as the primary has`,
    return: `${bundle} on ${where} has its Service and routes back; once they lead to its pods, ${takers} and its copies go`,
    scale: `${bundle} on ${where} keeps its manifest until its replicas have another owner than Flux; then the autoscaler comes`,
  };
  return texts[phase];
}
