import type { Action, ActionKind, Pointer } from "./action.ts";
import type { Observed } from "./observed.ts";
import type { Progress, Release } from "./release.ts";
import { iso, lastStepAt } from "./time.ts";

/** What a rule of the engine looks at. */
export interface Context {
  release: Release;
  /** All of the fleet, this one among them. */
  releases: readonly Release[];
  seen: Observed;
  now: number;
}

/** A rule gives the next step, or nothing when it does not apply. */
export type Rule = (cx: Context) => Action | undefined;

export type State = Progress["state"];

/** A cluster's next state, and why where that is not plain. */
export interface Turn {
  cluster: string;
  state: State;
  why?: string | undefined;
}

export interface Change {
  /** Fields of the release; those given as undefined are taken away. */
  set?: { [K in keyof Release]?: Release[K] | undefined };
  turns?: readonly Turn[];
  pointers?: readonly Pointer[];
  settle?: Action["settle"];
  by?: string;
  why?: string | undefined;
}

/**
 * One step. Its time is never before the last step's, whoever's clock wrote that: an engine whose clock is fast makes
 * others wait longer, and never makes the log go back in time.
 */
export function step(kind: ActionKind, release: Release, now: number, change: Change = {}): Action {
  const last = lastStepAt(release);
  const at = iso(Math.max(now, Date.parse(last)));
  const clusters = { ...release.clusters };
  for (const { cluster, state, why } of change.turns ?? []) {
    const before = clusters[cluster];
    const since = before?.state === state ? before.since : at;
    clusters[cluster] = { state, since, ...(why ? { why } : {}) };
  }
  const entry: Release["log"][number] = {
    step: release.step + 1,
    at,
    action: kind,
    wave: release.wave,
    ...(change.turns?.length ? { clusters: change.turns.map(({ cluster }) => cluster) } : {}),
    ...(change.by ? { by: change.by } : {}),
    ...(change.why ? { why: change.why } : {}),
  };
  const next = { ...release, ...change.set, clusters, step: release.step + 1, log: [...release.log, entry] };
  return {
    kind,
    release: withoutUndefined(next, change.set),
    pointers: change.pointers ?? [],
    settle: change.settle,
  };
}

/** The fields that a change takes away are gone, and not there as undefined. */
function withoutUndefined(next: object, set: Change["set"] = {}): Release {
  const fields: Record<string, unknown> = { ...next };
  for (const [name, value] of Object.entries(set)) if (value === undefined) delete fields[name];
  return fields as unknown as Release;
}
