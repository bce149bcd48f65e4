import type { Action } from "../action.ts";
import type { decide } from "../decide.ts";
import type { GateSeen, Observed } from "../observed.ts";
import type { Questions } from "../questions.ts";
import type { Release } from "../release.ts";
import type { BundleState, ClusterState, Truth } from "./cluster-state.ts";
import type { Fleet, Head } from "./fleet.ts";
import type { Random } from "./random.ts";
import type { Setting } from "./setting.ts";
import type { BundleKind } from "./versions.ts";

/** How a version is bad, by `bundle:version`. */
export interface Badness {
  /** Clusters where it does not get ready; all when undefined. */
  clusters?: ReadonlySet<string>;
  kind: "rollout" | "metric" | "promotion" | "refused" | "poison";
}

/** What an engine does at once; it may be killed between any two. */
export interface EngineState {
  name: string;
  /** What its clock is ahead of the true time, in milliseconds. */
  skew: number;
  alive: boolean;
  stage: "read" | "look" | "ask" | "decide" | "push";
  head: Head | undefined;
  asked: Questions | undefined;
  seen: Observed;
  actions: Action[];
  /** A push whose answer was lost, to be sent again as it was. */
  again: { head: Head; action: Action } | undefined;
  /** When each cluster answered it last, by its own clock. */
  answeredAt: Map<string, number>;
  /** It saw nothing to do when it looked last, at this head. */
  idleAt: number;
}

/** Where the mutants of the engine reach in. */
export interface Brain {
  decide: typeof decide;
  /** What it sees, before it decides. */
  seen: (releases: readonly Release[], seen: Observed) => Observed;
  /** The releases as a person's command takes them. */
  trusted: (releases: readonly Release[]) => readonly Release[];
}

/** One simulated fleet with all that acts on it. */
export interface World {
  setting: Setting;
  random: Random;
  now: number;
  start: number;
  kinds: BundleKind[];
  clusters: Map<string, ClusterState>;
  names: string[];
  /** Clusters on which something may still happen by itself. */
  busy: string[];
  busySet: Set<string>;
  fleet: Fleet;
  engines: EngineState[];
  bad: Map<string, Badness>;
  /** Which release changed the pointer of a bundle on a cluster last. */
  lastMover: Map<string, string>;
  /** Revisions that somebody pointed clusters at and that are no release's. */
  byHand: Set<string>;
  /** Clusters that do not get well by themselves when all gets calm. */
  sick: Set<string>;
  /** Somebody pointed clusters elsewhere by hand. */
  meddled: boolean;
  /** Everything is calm: no new faults. */
  calm: boolean;
  brain: Brain;
  /** Statuses as they were seen last, to be seen again later. */
  old: Map<string, { at: number; bundles: Record<string, BundleState> }>;
  oldAnswers: GateSeen[];
  truth: Truth;
  /** What was really answered, for the watch. */
  ledger: Map<string, Set<string>>;
  /** The last good version of a bundle on a cluster, where it is not the first one. */
  good: Map<string, number>;
  /** True time at which a wave was called proven, by release, wave and what the file says. */
  provenAt: Map<string, number>;
  /** True time at which a cluster was told to go back, by release and cluster. */
  toldBack: Map<string, number>;
  /** Who really approved, and may: by release, wave and gate. */
  approvals: Map<string, Set<string>>;
  /** When a step was decided, in true time: what it is judged by, however long its push took. */
  decidedAt: WeakMap<Action, number>;
  violations: string[];
  transitions: Set<string>;
  nextVersion: number;
  made: number;
  headSeen: number;
}
