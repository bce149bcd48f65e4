import { didYouMean } from "../util/did-you-mean.ts";
import { type Problem, problem } from "../util/errors.ts";
import type { Gate } from "./gate.ts";
import { isOver } from "./order.ts";
import type { Phase, Release } from "./release.ts";

export type Approval = Extract<Gate, { type: "approval" }>;

export function noSuch(releases: readonly Release[], id: string): Problem {
  const ids = releases.map((release) => release.id);
  const near = didYouMean(id, ids);
  const newest = releases.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1)).slice(0, 5);
  return problem("LF4020", {
    what: `there is no release ${id}`,
    why:
      ids.length === 0
        ? "the fleet repo has no release"
        : `the newest are ${newest.map((own) => own.id).join(", ")}`,
    fix: near ? `did you mean ${near}?` : "landfall release history lists them all",
  });
}

const words: Record<Phase, string> = {
  queued: "waits for its turn",
  running: "is running",
  paused: "is paused",
  returning: "is going back to the last good version",
  succeeded: "has succeeded",
  rolledBack: "was rolled back",
  halted: "was halted",
  aborted: "was aborted",
  superseded: "was taken over by a newer release",
};

export function wrongPhase(release: Release, kind: string): Problem {
  return problem("LF4022", {
    what: `cannot ${kind} ${release.id}: it ${words[release.phase]}`,
    ...(release.reason ? { why: release.reason } : {}),
    fix: isOver(release)
      ? "landfall release start makes a new one"
      : `landfall release status ${release.id} says what it waits for`,
  });
}

export function noRight({ id, policy }: Release, by: string, gate?: Approval): Problem {
  const may = (gate?.by ?? policy.approvers).filter(
    (name) => policy.approvers.length === 0 || policy.approvers.includes(name),
  );
  return problem("LF4023", {
    what: `${by} may not ${gate ? `approve ${gate.id} of` : "acknowledge"} ${id}`,
    why:
      may.length > 0
        ? `those who may: ${may.join(", ")}`
        : "nobody is named both by the gate and among the approvers",
    fix:
      may.length > 0
        ? `ask one of them, or sign as the right person (git config user.email)`
        : "correct the gate's `by` in the declaration",
  });
}

export function overwritten(release: Release, newer: Release): Problem {
  return problem("LF4025", {
    what: `cannot roll back ${release.id}`,
    why: `${newer.id} has moved the same since; what came before ${release.id} is not its last good version`,
    fix: `landfall release rollback ${newer.id}`,
  });
}

export function nothingToLeave(release: Release): Problem {
  const begins = !isOver(release);
  return problem("LF4025", {
    what: `cannot roll back ${release.id}: it ${words[release.phase]}`,
    why: "no cluster has its version, so there is no last good version to go back to",
    fix: begins ? `landfall release abort ${release.id}` : "landfall release history shows what runs",
  });
}
