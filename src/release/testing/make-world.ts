import { decide } from "../decide.ts";
import { bundleAt, type ClusterState, type Truth } from "./cluster-state.ts";
import { emptyFleet } from "./fleet.ts";
import { type Random, randomOf } from "./random.ts";
import type { Setting } from "./setting.ts";
import { type BundleKind, revisionOf } from "./versions.ts";
import type { Badness, Brain, EngineState, World } from "./world.ts";

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
