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
import { commitAction, type ReleaseFleet, readFleet } from "./store.ts";

/** One look at the world. */
export interface Look {
  head: string | undefined;
  releases: readonly Release[];
  seen: Observed;
  /** Epoch milliseconds. */
  at: number;
}

export interface Step {
  action: Action;
  commit: string;
}

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
  const { fleet, who, signal, onLook, onStep } = options;
  const look = await lookAround(options);
  onLook?.(look);
  tell(look);
  let { head } = look;
  let steps = 0;
  for (const action of decide(look.releases, look.seen, look.at)) {
    if (signal.aborted || head === undefined) break;
    const done = await commitAction(fleet, head, action, who);
    steps += 1;
    if (done === "moved") break;
    head = done.commit;
    onStep?.({ action, commit: done.commit });
  }
  return { look, steps, ended: signal.aborted };
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
