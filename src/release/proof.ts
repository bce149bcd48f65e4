import type { Content } from "./move.ts";
import type { BundleSeen, ClusterSeen, WorkloadSeen } from "./observed.ts";
import type { Evidence, Workload } from "./release.ts";

/** Flagger's phases in which traffic may go to the new pods, or the primary is not there yet; without a phase it begins. */
const underWay: ReadonlySet<string> = new Set([
  "",
  "Initializing",
  "Waiting",
  "Progressing",
  "WaitingPromotion",
  "Promoting",
  "Finalising",
]);

/** Whether Flagger is in the midst of something. */
export function isUnderWay(phase: string): boolean {
  return underWay.has(phase);
}

/**
 * Why a bundle is not proven to serve a content yet; undefined when it is. Proven means: Flux applied exactly this
 * revision and is ready with it, and each workload's pods (a canary's primary) are of this template and all of them
 * rolled out. Flagger's phase alone proves nothing: a success may be that of an earlier template.
 */
export function missing(content: Content, seen: BundleSeen | undefined): string | undefined {
  if (!seen) return "Flux has nothing of it";
  if (seen.applied !== content.revision) return seen.failure ?? "Flux has not applied it";
  if (!seen.ready) return seen.failure ?? "Flux is not ready";
  for (const workload of content.workloads) {
    const open = missingOf(workload, find(seen.workloads, workload));
    if (open) return open;
  }
  return undefined;
}

function missingOf(workload: Workload, seen: WorkloadSeen | undefined): string | undefined {
  const name = nameOf(workload);
  if (!seen) return `${name} is not there`;
  const { template } = workload;
  if (template !== undefined && seen.asked !== template) return `${name} was not asked for this version`;
  if (template !== undefined && seen.template !== template) return `${name} serves another version`;
  if (!seen.finished) return `${name} is still rolling out`;
  if (workload.canary && seen.canary && isUnderWay(seen.canary.phase)) {
    return `${name}'s canary is ${seen.canary.phase}`;
  }
  return undefined;
}

/**
 * Evidence that a bundle will not get to a content, from what is known of this content alone: Flagger's or the
 * workload's failure with this template, and, once `flux` says so, Flux' failure with this revision.
 */
export function failureOf(
  content: Content,
  seen: BundleSeen | undefined,
  flux: boolean,
): Omit<Evidence, "cluster"> | undefined {
  if (!seen) return undefined;
  const tried = seen.attempted === content.revision || seen.applied === content.revision;
  for (const workload of content.workloads) {
    const found = find(seen.workloads, workload);
    const about = workload.template === undefined ? tried : found?.asked === workload.template;
    const failed = found && about && failureOfWorkload(workload, found);
    if (failed) return failed;
  }
  if (!flux || seen.failure === undefined || seen.attempted !== content.revision) return undefined;
  return {
    what: "Flux",
    query: `Kustomization at ${content.revision}`,
    value: seen.failure,
    lines: [seen.failure],
  };
}

function failureOfWorkload(workload: Workload, seen: WorkloadSeen): Omit<Evidence, "cluster"> | undefined {
  const { canary, failure } = seen;
  const name = nameOf(workload);
  if (canary?.phase === "Failed") {
    return {
      what: `canary ${workload.namespace}/${workload.name}`,
      query: `status.phase of Canary ${workload.namespace}/${workload.name}`,
      // Which check it was says more than the phase, and Flagger counts from zero again once it has failed.
      value: failure ?? `Failed at ${canary.weight} % after ${canary.failedChecks} failed checks`,
      lines: [...seen.lines],
    };
  }
  if (failure === undefined) return undefined;
  return { what: name, query: `status of ${name}`, value: failure, lines: [...seen.lines] };
}

function find(seen: readonly WorkloadSeen[], { kind, namespace, name }: Workload): WorkloadSeen | undefined {
  return seen.find((own) => own.name === name && own.kind === kind && own.namespace === namespace);
}

function nameOf({ kind, namespace, name }: Workload): string {
  return `${kind} ${namespace}/${name}`;
}

/** It answers, and what it says was said after this moment: what stood before it was told anything proves nothing. */
export function answersSince(seen: ClusterSeen | undefined, since: string): seen is ClusterSeen {
  return seen?.reachable === true && (seen.answeredAt ?? 0) >= Date.parse(since);
}

/** The cluster has not answered for so long that it counts as away; `since` is when this began to matter. */
export function isLost(
  seen: ClusterSeen | undefined,
  since: string,
  awayAfterMs: number,
  now: number,
): boolean {
  if (!seen || seen.reachable) return false;
  return now - Math.max(seen.answeredAt ?? 0, Date.parse(since)) > awayAfterMs;
}
