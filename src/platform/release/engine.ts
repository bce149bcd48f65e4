/**
 * The engine's loop: read the fleet, look at what matters, decide, commit. It remembers nothing that Git and the
 * clusters do not say, so that it may be ended anywhere and several may run: whoever loses a race for a commit reads
 * and decides again.
 */

import { fetchFleet } from "../../emit/git/fleet.ts";
import type { Identity } from "../../emit/git/import-commit.ts";
import {
  type Action,
  decide,
  isMoving,
  type Observed,
  questions,
  type Release,
} from "../../release/index.ts";
import { LandfallError, type Problem } from "../../util/errors.ts";
import type { Alerts } from "./alerts.ts";
import { napper } from "./engine-nap.ts";
import { askGates } from "./gates.ts";
import type { Clusters } from "./observe.ts";
import { type Committed, commitAction, commitActions, type ReleaseFleet, readFleet } from "./store.ts";

/** One look at the world. */
export interface Look {
  head: string | undefined;
  releases: readonly Release[];
  seen: Observed;
  /** Epoch milliseconds. */
  at: number;
}

export type Step = Committed;

export interface EngineOptions {
  fleet: ReleaseFleet;
  clusters: Clusters;
  /** Who signs the commits. */
  who: Identity;
  alerts?: Alerts | undefined;
  /** End once there is nothing to do at this moment. @default false */
  once?: boolean;
  /** End when this holds, after what was decided is committed. */
  until?: (releases: readonly Release[]) => boolean;
  /** Milliseconds between looks while clusters move. @default 2000 */
  intervalMs?: number;
  /** Ends it between two steps. */
  signal: AbortSignal;
  onLook?: (look: Look) => void;
  onStep?: (step: Step) => void;
  /** What kept it from looking or committing for now; it goes on trying. */
  onTrouble?: (problem: Problem) => void;
  now?: () => number;
}

/** How long nothing may be looked at while no release moves; a commit wakes it at once. */
const idleMs = 30_000;

/** Move releases until `until` holds, or once, or until the signal. What is out of reach for now is tried again. */
export async function runEngine(options: EngineOptions): Promise<void> {
  const { fleet, signal, once = false, until, intervalMs = 2000 } = options;
  const nap = napper(fleet);
  const alerts = inBackground(options.alerts);
  try {
    while (!signal.aborted) {
      const round = await tolerant(options, () => goOn(options, alerts.tell));
      if (round?.ended || (once && round?.steps === 0)) return;
      if (until && round && until(round.look.releases)) return;
      if (!round || round.steps === 0) await nap.sleep(pauseAfter(round?.look, intervalMs), signal);
    }
  } finally {
    nap.close();
    await alerts.told();
  }
}

/** Alerts are sent beside the loop: a sink that does not answer must not hold up a decision. */
function inBackground(alerts: Alerts | undefined) {
  let sending: Promise<void> | undefined;
  return {
    tell: ({ releases, at }: Look) => {
      sending ??= alerts?.tell(releases, at).finally(() => {
        sending = undefined;
      });
    },
    told: async () => sending,
  };
}

interface Round {
  look: Look;
  steps: number;
  ended: boolean;
}

/** One round: a look, and each step that it gives. Steps of one look are of different releases. */
async function goOn(options: EngineOptions, tell: (look: Look) => void): Promise<Round> {
  const { signal, onLook } = options;
  const look = await lookAround(options);
  onLook?.(look);
  tell(look);
  const { head } = look;
  const actions = decide(look.releases, look.seen, look.at);
  if (signal.aborted || head === undefined || actions.length === 0)
    return { look, steps: 0, ended: signal.aborted };
  await commitAll(options, head, actions);
  return { look, steps: actions.length, ended: signal.aborted };
}

/** All by one push. Where one of them cannot be committed, one after the other up to that one. */
async function commitAll(
  { fleet, who, onStep }: EngineOptions,
  head: string,
  actions: readonly Action[],
): Promise<void> {
  const done = await commitActions(fleet, head, actions, who).catch((error: unknown) => {
    if (actions.length === 1 || !(error instanceof LandfallError)) throw error;
    return undefined;
  });
  if (done === "moved") return;
  for (const step of done ?? []) onStep?.(step);
  if (done) return;
  let tip = head;
  for (const action of actions) {
    const made = await commitAction(fleet, tip, action, who);
    if (made === "moved") return;
    tip = made.commit;
    onStep?.({ action, commit: tip });
  }
}

/** Read the fleet and whatever decides on it. Errors: LF3002 while Git is away, LF4021 for a damaged release file. */
export async function lookAround(options: Pick<EngineOptions, "fleet" | "clusters" | "now">): Promise<Look> {
  const { fleet, clusters, now = Date.now } = options;
  await fetchFleet(fleet, fleet.branch);
  const { head, releases, pointers } = await readFleet(fleet);
  const asked = questions(releases, now());
  const [seen, gates] = await Promise.all([
    clusters.observe(asked.clusters, releases.filter(isMoving)),
    askGates(asked.gates, releases, clusters),
  ]);
  return { head, releases, seen: { clusters: seen, pointers, gates }, at: now() };
}

/** While something moves it is looked at often; else the clock or a commit wakes the engine. */
function pauseAfter(look: Look | undefined, intervalMs: number): number {
  if (!look) return Math.max(intervalMs, 1000);
  const { clusters, wakeAt } = questions(look.releases, look.at);
  if (clusters.length > 0) return intervalMs;
  return wakeAt === undefined ? idleMs : Math.max(1, Math.min(idleMs, wakeAt - look.at));
}

/** A Git host that is away for a while ends nothing. Whatever else goes wrong does, and so does all of it with `once`. */
async function tolerant<T>(
  { once, onTrouble }: EngineOptions,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const first = error instanceof LandfallError ? error.problems[0] : undefined;
    if (once || (first?.code !== "LF3002" && first?.code !== "LF3003")) throw error;
    onTrouble?.(first);
    return undefined;
  }
}
