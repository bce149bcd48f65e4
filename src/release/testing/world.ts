import type { Action } from "../action.ts";
import { decide } from "../decide.ts";
import type { GateSeen, Observed } from "../observed.ts";
import type { Questions } from "../questions.ts";
import type { Release } from "../release.ts";
import {
  type BundleState,
  bundleAt,
  type ClusterState,
  isAtRest,
  stepCluster,
  type Truth,
} from "./cluster.ts";
import { emptyFleet, type Fleet, type Head } from "./fleet.ts";
import { type Random, randomOf } from "./random.ts";
import type { Setting } from "./setting.ts";
import { type BundleKind, revisionOf } from "./versions.ts";

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

/** Monday morning, in UTC. */
export const monday = Date.parse("2026-03-02T08:00:00.000Z");

export const honest: Brain = { decide, seen: (_, seen) => seen, trusted: (releases) => releases };

export function makeWorld(setting: Setting, brain: Brain = honest): World {
  const random = randomOf(setting.seed);
  const names = Array.from({ length: setting.clusters }, (_, i) => `c${i}`);
  const kinds = Array.from({ length: setting.bundles }, (_, i) => ({
    name: `app${i}`,
    canary: random.oneIn(2),
  }));
  const fleet = emptyFleet();
  const first = Object.fromEntries(
    kinds.map(({ name }) => [name, revisionOf({ bundle: name, version: 1, skip: false })]),
  );
  fleet.head = { ...fleet.head, pointers: Object.fromEntries(names.map((name) => [name, first])) };
  fleet.branch.push({ head: fleet.head, action: undefined, by: "build" });
  for (const { name } of kinds) fleet.files.set(`apps/${name}.1.yaml`, first[name] ?? "");
  const clusters = new Map(names.map((name) => [name, makeCluster(name, kinds, first, random)]));
  const bad: World["bad"] = new Map();
  const world: World = {
    setting,
    random,
    now: monday,
    start: monday,
    kinds,
    clusters,
    names,
    busy: [],
    busySet: new Set(),
    fleet,
    engines: Array.from({ length: setting.engines }, (_, i) => makeEngine(i, setting, random)),
    bad,
    lastMover: new Map(),
    byHand: new Set(),
    sick: new Set(),
    meddled: false,
    calm: false,
    brain,
    old: new Map(),
    oldAnswers: [],
    truth: { now: monday, random, ...badness(bad) },
    ledger: new Map(),
    good: new Map(),
    provenAt: new Map(),
    toldBack: new Map(),
    approvals: new Map(),
    decidedAt: new WeakMap(),
    violations: [],
    transitions: new Set(),
    nextVersion: 2,
    made: 0,
    headSeen: 0,
  };
  return world;
}

function makeCluster(
  name: string,
  kinds: BundleKind[],
  first: Record<string, string>,
  random: Random,
): ClusterState {
  const bundles = kinds.map((kind) => bundleAt(kind.name, kind.canary, first[kind.name] ?? "", monday));
  const waits = random.oneIn(2);
  return { name, answers: true, reads: true, flux: true, flagger: true, waits, downAt: 0, bundles };
}

function makeEngine(i: number, { skew }: Setting, random: Random): EngineState {
  return {
    name: `engine${i}`,
    skew: skew === 0 ? 0 : (random.below(2 * skew) - skew) * 1000,
    alive: true,
    stage: "read",
    head: undefined,
    asked: undefined,
    seen: { clusters: {}, pointers: {}, gates: [] },
    actions: [],
    again: undefined,
    answeredAt: new Map(),
    idleAt: -1,
  };
}

function badness(bad: World["bad"]): Omit<Truth, "now" | "random"> {
  const is = (kind: Badness["kind"]) => (cluster: string, bundle: string, version: number) => {
    const own = bad.get(`${bundle}:${version}`);
    return own?.kind === kind && (own.clusters === undefined || own.clusters.has(cluster));
  };
  const refuses = is("refused");
  return {
    isBad: is("rollout"),
    isUnpromotable: is("promotion"),
    isPoison: is("poison"),
    refuses: (...at) => (refuses(...at) ? "admission webhook denied the request" : undefined),
  };
}

/** Time goes on. */
export function pass(world: World, ms: number): void {
  world.now += ms;
  world.truth.now = world.now;
}

/** Something may happen on the cluster by itself. */
export function wake({ busy, busySet }: World, cluster: string): void {
  if (busySet.has(cluster)) return;
  busySet.add(cluster);
  busy.push(cluster);
}

/** Wake the clusters whose pointers changed since the last look at the head. */
export function wakeMoved(world: World): void {
  const { head, branch } = world.fleet;
  if (world.headSeen === head.commit) return;
  const last = branch.findLast((commit) => commit.head.commit <= world.headSeen);
  world.headSeen = head.commit;
  for (const name of world.names) {
    if (last?.head.pointers[name] !== head.pointers[name]) wake(world, name);
  }
}

/** One busy cluster does its next bit. */
export function stepSome(world: World): void {
  const i = world.random.below(world.busy.length);
  const name = world.busy[i];
  const cluster = name === undefined ? undefined : world.clusters.get(name);
  if (!cluster || name === undefined) return;
  const wanted = world.fleet.head.pointers[name] ?? {};
  stepCluster(cluster, wanted, world.truth);
  if (!isAtRest(cluster, wanted)) return;
  world.busy[i] = world.busy.at(-1) ?? name;
  world.busy.pop();
  world.busySet.delete(name);
}
