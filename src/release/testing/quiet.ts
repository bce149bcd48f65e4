import { isOver } from "../order.ts";
import { movesOf } from "../pairs.ts";
import { questions } from "../questions.ts";
import type { Move, Release } from "../release.ts";
import { type BundleState, isServing } from "./cluster-state.ts";
import { stepEngine } from "./engine.ts";
import { pass, stepSome, wake } from "./happen.ts";
import { askFor, seeToAll } from "./people.ts";
import { heldBy } from "./versions.ts";
import { goodOf } from "./watch-good.ts";
import type { World } from "./world.ts";

/** Rounds without anything new after which a fleet counts as stuck. */
const patience = 400;

/** No more faults: everybody is well again, people see to what waits for them, and all comes to rest. Then it is judged. */
export function becomeQuiet(world: World): void {
  world.calm = true;
  heal(world);
  let idle = 0;
  const most = world.fleet.commits + 1000 + 20 * world.names.length;
  while (idle < patience && world.fleet.commits < most && world.violations.length === 0) {
    settle(world);
    if (engineRounds(world)) continue;
    const { releases } = world.fleet.head;
    if (releases.every(isOver)) {
      if (!secondThoughts(world)) break;
      continue;
    }
    idle += 1;
    if (seeToAll(world)) continue;
    const { wakeAt } = questions(releases, world.now);
    pass(world, Math.min(Math.max(1000, (wakeAt ?? world.now) - world.now), 3_600_000));
  }
  if (world.violations.length === 0) judge(world);
}

/** When all is over, somebody may want the last good version back after all. */
function secondThoughts(world: World): boolean {
  const release =
    world.setting.faults.people && world.random.oneIn(6)
      ? world.random.pick(world.fleet.head.releases)
      : undefined;
  return release !== undefined && askFor(world, release.id, { kind: "rollback" }, "ann");
}

function heal(world: World): void {
  for (const cluster of world.clusters.values()) {
    if (world.sick.has(cluster.name)) continue;
    for (const own of cluster.bundles) own.blocked = undefined;
    Object.assign(cluster, { answers: true, reads: true, flux: true, flagger: true });
    wake(world, cluster.name);
  }
  for (const engine of world.engines) engine.alive = true;
}

/** Clusters do what is left to do; those that are refused something try for ever. */
function settle(world: World): void {
  const most = 300 * world.busy.length;
  for (let i = 0; i < most && world.busy.length > 0; i++) stepSome(world);
  pass(world, 500);
}

/** Every engine looks once, and pushes what it decides. True when anything was pushed. */
function engineRounds(world: World): boolean {
  const before = world.fleet.commits;
  for (const engine of world.engines) {
    engine.stage = engine.again ? "push" : "read";
    do stepEngine(world, engine);
    while (engine.stage !== "read");
  }
  return world.fleet.commits !== before;
}

/** What must hold once all is quiet. */
function judge(world: World): void {
  const { releases } = world.fleet.head;
  const open = releases.filter((release) => !isOver(release));
  if (open.some((release) => cannotGoBack(world, release))) return;
  if (open.length > 0) {
    world.violations.push(`comesToRest: ${open.map(({ id, phase }) => `${id} is ${phase}`).join(", ")}`);
    return;
  }
  for (const name of world.names) {
    for (const own of world.clusters.get(name)?.bundles ?? []) judgeBundle(world, name, own);
  }
  for (const { id } of releases) judgeSteps(world, id);
  for (const release of releases) judgeEnd(world, release);
}

function judgeBundle(world: World, name: string, own: BundleState): void {
  const { version } = heldBy(world.fleet.head.pointers[name]?.[own.bundle] ?? "");
  const faulty = isFaulty(world, name, own.bundle, version);
  if (faulty && (world.setting.onFailure !== "all" || cameLate(world, name, own.bundle, version))) return;
  if (faulty) world.violations.push(`lastGood: ${name} ends with ${own.bundle} ${version}, which is bad`);
  if (isServing(own, version)) return;
  world.violations.push(
    `betweenVersions: ${name} serves ${own.bundle} ${own.primary}, ${own.target} was asked, ${version} is wanted`,
  );
}

function isFaulty({ bad }: World, name: string, bundle: string, version: number): boolean {
  const own = bad.get(`${bundle}:${version}`);
  return own !== undefined && own.kind !== "metric" && (own.clusters === undefined || own.clusters.has(name));
}

/** A release was over before the cluster was back: it got the version from Git, and nobody looked. */
function cameLate({ fleet }: World, name: string, bundle: string, version: number): boolean {
  return fleet.head.releases.some(
    (release) =>
      ["away", "skipped"].includes(release.clusters[name]?.state ?? "") &&
      release.phase === "succeeded" &&
      movesOf(release, name).some(
        (move) => move.bundle === bundle && heldBy(move.to.revision).version === version,
      ),
  );
}

/** What is to be gone back to came to a cluster by Git while nobody looked, and does not run there: a person must help. */
function cannotGoBack(world: World, { phase, moves }: Release): boolean {
  if (phase !== "returning") return false;
  return moves.some(({ bundle, clusters, from }) =>
    clusters.some((name) => isFaulty(world, name, bundle, heldBy(from.revision).version)),
  );
}

/** Each step stands once on the branch. */
function judgeSteps({ fleet, violations }: World, id: string): void {
  const steps = fleet.branch.flatMap(({ action }) => (action?.release.id === id ? action.release.step : []));
  if (steps.some((step, i) => step !== i))
    violations.push(`oneCommitAStep: ${id} has steps ${steps.join(" ")}`);
}

/** What a release moved last and took back is at the content that was good before it. */
function judgeEnd(world: World, release: Release): void {
  const back =
    ["rolledBack", "aborted", "superseded"].includes(release.phase) && world.setting.onFailure === "all";
  if (!back || world.meddled) return;
  for (const [name, { state }] of Object.entries(release.clusters)) {
    if (release.phase === "superseded" && state === "updated") continue;
    for (const move of movesOf(release, name)) judgePair(world, release, name, move);
  }
}

function judgePair(world: World, { id }: Release, name: string, { bundle }: Move): void {
  if (world.lastMover.get(`${name}|${bundle}`) !== id) return;
  const { version } = heldBy(world.fleet.head.pointers[name]?.[bundle] ?? "");
  const last = goodOf(world, name, bundle);
  if (version !== last)
    world.violations.push(`lastGood: ${id} left ${bundle} on ${name} at ${version}, ${last} was good`);
}
