import type { Release } from "../../release/index.ts";
import { isUnseenFailure } from "../../release/order.ts";
import { clustersOf } from "../../release/pairs.ts";
import { LandfallError, type Problem, problem } from "../../util/errors.ts";
import { send } from "./gates-query.ts";
import type { Clusters } from "./observe.ts";

/** An alert as Alertmanager takes it. Its labels are its identity: the same release is the same alert everywhere. */
export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
}

export interface Alerts {
  /** Send what is due; what could not be sent is due again the next time. Never throws. */
  tell(releases: readonly Release[], now: number): Promise<void>;
}

/** Sent again so often; it ends by itself when nobody does any more. */
const repeatMs = 60_000;
const lastsMs = 5 * 60_000;

/** Alerts of failed releases to the sinks of their clusters, until somebody has acknowledged them. */
export function releaseAlerts(clusters: Clusters, onTrouble: (problem: Problem) => void): Alerts {
  const sentAt = new Map<string, number>();
  const tellOf = async (release: Release, now: number) => {
    const fires = isUnseenFailure(release) || isFailing(release);
    const known = sentAt.get(release.id);
    // An engine that started after the acknowledgement has nothing to take back: the alert has ended by itself.
    const due = fires ? now - (known ?? 0) >= repeatMs : known !== undefined;
    if (!due) return;
    const sent = await sendAlert(clusters, alertOf(release, now, fires), clustersOf(release), onTrouble);
    if (!sent) return;
    if (fires) sentAt.set(release.id, now);
    else sentAt.delete(release.id);
  };
  return {
    tell: async (releases, now) => {
      for (const release of releases) await tellOf(release, now);
    },
  };
}

/** It has failed, and clusters are still on their way back. */
function isFailing({ phase, becomes, acknowledged }: Release): boolean {
  return phase === "returning" && becomes === "rolledBack" && acknowledged === undefined;
}

/** The alert of a release; one that `fires` no more has ended. */
export function alertOf(release: Release, now: number, fires: boolean): Alert {
  const { id, title, reason = "it failed", origins, evidence } = release;
  const failed = release.log.findLast(({ action }) => action === "halt")?.at ?? release.startedAt;
  const clusters = [...new Set(evidence.flatMap(({ cluster }) => cluster ?? []))];
  return {
    labels: {
      alertname: "ReleaseFailed",
      severity: "page",
      release: id,
      ...(origins[0] && { app: origins.map(({ app }) => app).join(",") }),
    },
    annotations: {
      summary: `the release ${title} failed: ${reason}`,
      description: [
        ...(clusters.length > 0 ? [`on ${clusters.slice(0, 5).join(", ")}`] : []),
        ...evidence.flatMap(({ lines }) => lines).slice(0, 5),
        `see landfall release history ${id}, then landfall release acknowledge ${id}`,
      ].join("\n"),
      ...(origins[0] && { declared: `${origins[0].file}:${origins[0].line ?? 1}` }),
    },
    startsAt: failed,
    endsAt: new Date(fires ? now + lastsMs : now).toISOString(),
  };
}

/** Send to each cluster's sink; true when one of them took it, or there is none. */
export async function sendAlert(
  clusters: Clusters,
  alert: Alert,
  names: readonly string[],
  onTrouble: (problem: Problem) => void,
): Promise<boolean> {
  const answers = await Promise.all(names.map((name) => sendTo(clusters, name, alert)));
  const troubles = answers.flatMap((answer) => (typeof answer === "object" ? [answer] : []));
  if (answers.includes("sent") || troubles.length === 0) return true;
  onTrouble(troubles[0] as Problem);
  return false;
}

async function sendTo(clusters: Clusters, name: string, alert: Alert): Promise<"sent" | "no sink" | Problem> {
  try {
    return await clusters.ask(name, async (client, { alertsUrl }) => {
      if (alertsUrl === undefined) return "no sink";
      const { status, text } = await send(client, alertsUrl, "/api/v2/alerts", [alert]);
      return status === 200 ? "sent" : untold(name, `it answers ${status}: ${text.slice(0, 200)}`);
    });
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    return untold(name, error.problems[0]?.what ?? "it does not answer");
  }
}

function untold(name: string, why: string): Problem {
  return problem("LF6003", {
    what: `the alert sink of ${name} does not take the alert`,
    why,
    fix: "look whether it runs: landfall status; the alert is sent again",
  });
}
