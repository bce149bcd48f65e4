import type { ClusterClient } from "../../cluster/client.ts";
import type { LiveObject } from "../../cluster/types.ts";
import type { Workload } from "../../release/move.ts";
import type { WorkloadSeen } from "../../release/observed.ts";
import { canarySeen, isCanaryUnderWay, isGivenUp, isRestless } from "./observe-canary.ts";
import { hopelessPod, podsOfTemplate, podsSaid } from "./observe-pods.ts";
import { eventsOf, podsOf } from "./observe-read.ts";
import { deadlineExceeded, rolledOut } from "./observe-rollout.ts";
import { templateOf, templateSince } from "./observe-template.ts";
import { brief, eventsSaid, newestFirst, type Said } from "./observe-text.ts";

/** A workload as the cluster has it. */
export interface LiveWorkload {
  workload: Workload;
  /** The object that Flux applies: under a canary the target, whose pods serve only while it is judged. */
  target: LiveObject | undefined;
  /** Under a canary `<name>-primary`, whose pods serve. */
  primary: LiveObject | undefined;
  canary: LiveObject | undefined;
}

/** What serves, what was asked for, and why that will not come; pods and events are read where something is amiss. */
export async function workloadSeen(client: ClusterClient, live: LiveWorkload): Promise<WorkloadSeen> {
  const { workload, target, primary, canary } = live;
  const { kind, namespace, name } = workload;
  const serving = workload.canary ? primary : target;
  const since = target ? templateSince(target) : 0;
  const flagger = target && canarySeen(canary, since);
  const failed = flagger?.phase === "Failed";
  const givenUp = failed || isGivenUp(canary, since);
  const moving = canary !== undefined && (isCanaryUnderWay(canary) || isRestless(canary, since, Date.now()));
  const finished = serving !== undefined && rolledOut(serving) && !failed && !moving;
  const asked = templateOf(target);
  const seen = { kind, namespace, name, template: templateOf(serving), asked, finished, canary: flagger };
  const well = finished && seen.template === asked && !flagger?.failedChecks;
  if (well || !target) return { ...seen, failure: undefined, lines: [] };
  return { ...seen, ...(await explain(client, { ...live, target }, since, givenUp)) };
}

/** Why the present template will not come up, and what was said of it since it is there. */
async function explain(
  client: ClusterClient,
  { target, primary, canary }: LiveWorkload & { target: LiveObject },
  since: number,
  givenUp: boolean,
): Promise<Pick<WorkloadSeen, "failure" | "lines">> {
  const asked = templateOf(target);
  // A primary that has the template already is being promoted, and may fail as well.
  const bearers = [target, ...(primary && templateOf(primary) === asked ? [primary] : [])];
  const pods = podsOfTemplate((await Promise.all(bearers.map((one) => podsOf(client, one)))).flat(), asked);
  const said = canary ? eventsSaid(await eventsOf(client, "Canary", refOf(canary)), since) : [];
  const pod = hopelessPod(pods);
  const late = bearers.map((one) => deadlineExceeded(one, Math.max(since, templateSince(one)))).find(Boolean);
  const failure =
    (givenUp ? flaggersReason(said) : undefined) ?? (pod && `pod ${pod.name}: ${pod.why}`) ?? late;
  const words = pod ? await lastWords(client, pod) : [];
  const podEvents = failure && pod ? eventsSaid(await eventsOf(client, "Pod", pod), since) : [];
  const lines = newestFirst([...said, ...podEvents, ...podsSaid(pods), ...words]);
  return { failure: failure && brief(failure), lines };
}

function refOf({ metadata }: LiveObject): { namespace: string; name: string } {
  return { namespace: metadata.namespace ?? "", name: metadata.name };
}

/** The check that failed last says more than that there were too many of them. */
function flaggersReason(said: readonly Said[]): string {
  const newest = said.toSorted((a, b) => b.at - a.at).map(({ text }) => text.replace(/^Flagger: /, ""));
  const telling = newest.find(
    (text) => /halt|failed|exceeded|not ready/i.test(text) && !/^Canary failed|threshold reached/.test(text),
  );
  const reason = telling?.replace(/^Halt (\S+ )?advancement /, "");
  return reason ? `Flagger gave it up: ${reason}` : "Flagger gave it up";
}

/** What the container wrote before it ended, as one line of evidence each. */
async function lastWords(
  client: ClusterClient,
  { namespace, name, container }: { namespace: string; name: string; container: string },
): Promise<Said[]> {
  const log = await client.logs({ namespace, name, container }, { tail: 3, previous: true }).catch(() => "");
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-3).map((line) => ({ at: 0, text: `log of ${name}: ${line}` }));
}
