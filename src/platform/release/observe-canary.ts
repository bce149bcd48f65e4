/**
 * What Flagger says of a workload, as far as it is about the workload's present template.
 *
 * A Canary's status names no generation. Its `lastAppliedSpec` is a hash that only Flagger can make, and proves nothing
 * even so: while the phase is Failed, every look of Flagger takes the present template into it before it looks whether
 * that changed. `lastTransitionTime` moves at every such look, too. What does hold is the time of the condition
 * `Promoted`: it is written when the phase changes and at no other time. An end is of the present template if it was
 * reached after that was written, by the API server's clock.
 *
 * A failure that Flagger wrote down in the very moment when a new template came is taken for the new one's. That is
 * right in effect: Flagger takes the new template for the failed one then, and never analyses it.
 */
import type { LiveObject } from "../../cluster/types.ts";
import type { CanarySeen } from "../../release/observed.ts";
import { isUnderWay } from "../../release/proof.ts";

interface CanaryStatus {
  phase?: string;
  canaryWeight?: number;
  failedChecks?: number;
  lastTransitionTime?: string;
  conditions?: { type: string; reason?: string; message?: string; lastUpdateTime?: string }[];
}

/** Whether Flagger is in the midst of something, of whichever template. */
export function isCanaryUnderWay(canary: LiveObject): boolean {
  return isUnderWay(((canary.status ?? {}) as CanaryStatus).phase ?? "");
}

/** Flagger's word about the template written at `since` (epoch milliseconds); undefined when it has none yet. */
export function canarySeen(canary: LiveObject | undefined, since: number): CanarySeen | undefined {
  const status = (canary?.status ?? {}) as CanaryStatus;
  const { phase, canaryWeight = 0, failedChecks = 0 } = status;
  if (!phase || !(saidAt(status) > since)) return undefined;
  return { phase, weight: canaryWeight, failedChecks };
}

/**
 * Flagger has counted as many failed checks as it bears. It acts on that at its next look only, an interval later, and
 * nothing but another template changes its mind. Checks of an earlier template are told by the time: so many of this
 * one take as many intervals at least.
 */
export function isGivenUp(canary: LiveObject | undefined, since: number): boolean {
  const { phase = "", failedChecks = 0, ...status } = (canary?.status ?? {}) as CanaryStatus;
  const { analysis } = (canary?.spec ?? {}) as { analysis?: { interval?: string; threshold?: number } };
  const { threshold = 0, interval = "60s" } = analysis ?? {};
  if (phase !== "Progressing" && phase !== "WaitingPromotion") return false;
  // The API server writes whole seconds.
  const least = threshold * millisecondsIn(interval) - 1000;
  return threshold > 0 && failedChecks >= threshold && saidAt({ ...status, phase }) - since >= least;
}

/** What a look of Flagger itself takes, and the second that the API server's times leave out. */
const lookMs = 5000;

/**
 * Whether Flagger may yet come back to a template that it takes without looking (`skipAnalysis`, as on every way back).
 * The template that was promoted last counts as no change to it. Put back in the midst of an analysis it is promoted in
 * place of the new one, and the new one's hash is written down as the promoted: at the next look the old template is
 * taken for a new version, and promoted again, which sets the hashes right. If skipAnalysis were gone by then, the old
 * version would be judged, and the new one never again. So Flagger must have been quiet for longer than a look.
 */
export function isRestless(canary: LiveObject | undefined, since: number, now: number): boolean {
  const { skipAnalysis = false, analysis } = (canary?.spec ?? {}) as {
    skipAnalysis?: boolean;
    analysis?: { interval?: string };
  };
  if (!skipAnalysis) return false;
  const { conditions = [] } = (canary?.status ?? {}) as CanaryStatus;
  const said = conditions.map(({ lastUpdateTime = "" }) => Date.parse(lastUpdateTime)).filter((at) => at > 0);
  return now - Math.max(since, ...said) <= millisecondsIn(analysis?.interval ?? "60s") + lookMs;
}

/** Go's durations as landfall writes them, in seconds or minutes. */
function millisecondsIn(interval: string): number {
  return Number.parseInt(interval, 10) * (interval.endsWith("m") ? 60_000 : 1000);
}

/** While it is under way the condition is from the first of several templates, and every step is a transition. */
function saidAt({ phase = "", lastTransitionTime = "", conditions = [] }: CanaryStatus): number {
  if (isUnderWay(phase)) return Date.parse(lastTransitionTime);
  const promoted = conditions.find(({ type, reason }) => type === "Promoted" && reason === phase);
  return Date.parse(promoted?.lastUpdateTime ?? "");
}
