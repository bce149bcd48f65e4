import type { Gate } from "../gate.ts";
import type { Release, Wave } from "../release.ts";
import { iso } from "../time.ts";
import { push } from "./fleet.ts";
import { monday } from "./make-world.ts";
import type { Random } from "./random.ts";
import { movesOf, type Wanted, waiting } from "./store.ts";
import type { BundleKind } from "./versions.ts";
import type { Badness, World } from "./world.ts";

const minute = 60_000;

/** Those who may approve in the simulator. */
export const approvers = ["ann", "bob"];

type Draft = Partial<Release> & { wanted: Wanted[]; waves: Wave[] };

/** Commit a new release, made from the head. */
export function addRelease(world: World, draft: Draft): Release {
  const { wanted, ...fields } = draft;
  world.made += 1;
  const id = `r${world.made}`;
  const { head } = world.fleet;
  const startedAt = iso(world.now);
  const moves = movesOf(world, head, id, wanted);
  const release: Release = {
    form: 1,
    id,
    title: id,
    startedBy: "ann",
    startedAt,
    base: String(head.commit),
    origins: [],
    priority: 0,
    moves,
    policy: { onFailure: "all", approvers, awayAfterMs: minute, freezes: [] },
    phase: "queued",
    wave: 0,
    step: 0,
    clusters: {},
    approvals: [],
    evidence: [],
    settled: false,
    log: [],
    ...fields,
  };
  const whole = { ...release, clusters: waiting(release) };
  push(world.fleet, head, { kind: "start", release: whole, pointers: [], settle: undefined }, "ann");
  return whole;
}

/** A release as chance wants it: some bundles at a new version, on most clusters, in waves with gates. */
export function randomRelease(world: World): Release {
  const { random, setting, kinds, names } = world;
  const moved = kinds.filter((_, i) => i === 0 || random.oneIn(2));
  const clusters = random.oneIn(4) ? names.filter((_, i) => i === 0 || !random.oneIn(3)) : names;
  const wanted = moved.map((kind) => {
    const version = world.nextVersion++;
    const bad = setting.faults.badVersions && random.oneIn(3) ? badness(world, kind) : undefined;
    if (bad) world.bad.set(`${kind.name}:${version}`, bad);
    return { kind, version, clusters };
  });
  const hurts = wanted.some(
    ({ kind, version }) => world.bad.get(`${kind.name}:${version}`)?.kind === "metric",
  );
  const hotfix = setting.faults.hotfixes && random.oneIn(3);
  const { onFailure } = setting;
  return addRelease(world, {
    wanted,
    waves: wavesOf(world, clusters, hurts),
    priority: hotfix ? 10 + random.below(3) : random.below(3),
    policy: { onFailure, approvers, awayAfterMs: minute, freezes: freezesOf(world, clusters) },
  });
}

function badness({ random, names }: World, { canary }: BundleKind): Badness {
  const kind =
    random.pick(["rollout", "metric", canary ? "promotion" : "rollout", "refused"] as const) ?? "rollout";
  if (kind === "metric" || random.oneIn(2)) return { kind };
  // On one cluster at least, in whatever wave.
  const first = random.below(names.length);
  return { kind, clusters: new Set(names.filter((_, i) => i === first || random.oneIn(4))) };
}

function wavesOf({ random, setting }: World, clusters: readonly string[], hurts: boolean): Wave[] {
  const size = Math.ceil(clusters.length / setting.waves);
  const count = Math.ceil(clusters.length / size);
  return Array.from({ length: count }, (_, i) => ({
    name: `w${i}`,
    clusters: clusters.slice(i * size, (i + 1) * size),
    gates: gatesOf(random, hurts),
    concurrency: 1 + random.below(Math.max(3, Math.ceil(size / 4))),
    maxUnavailable: random.below(3),
    timeoutMs: 20 * minute,
  }));
}

function gatesOf(random: Random, hurts: boolean): Gate[] {
  const all: Gate[] = [
    { id: "soak", type: "soak", ms: 1000 * (30 + random.below(90)) },
    { id: "hours", type: "hours", days: [1, 2, 3, 4, 5, 6, 7], from: "09:00", until: "08:30", zone: "UTC" },
    { id: "yes", type: "approval", count: 1 + random.below(2) },
    { id: "ann", type: "approval", count: 1, by: ["ann", "eve"] },
    { id: "external", type: "http", url: "http://127.0.0.1/" },
    { id: "burn", type: "burnRate", max: 1, window: "5m", scope: random.oneIn(2) ? "wave" : "updated" },
  ];
  const some = all.filter(() => random.oneIn(4));
  const errors: Gate = {
    id: "errors",
    type: "promql",
    query: "errors",
    max: 1,
    scope: random.oneIn(2) ? "wave" : "updated",
  };
  return hurts || random.oneIn(2) ? [...some, errors] : some;
}

function freezesOf({ random, setting }: World, clusters: readonly string[]): Release["policy"]["freezes"] {
  if (!setting.faults.freezes) return [];
  const from = monday + random.below(10 * minute);
  const some = random.oneIn(3) ? { clusters: clusters.filter(() => random.oneIn(2)) } : {};
  const whole = "clusters" in some && some.clusters?.length === 0 ? {} : some;
  return [
    { from: iso(from), until: iso(from + random.below(20 * minute)), reason: "end of the quarter", ...whole },
  ];
}
