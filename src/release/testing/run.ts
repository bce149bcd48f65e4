import { stepEngine } from "./engine.ts";
import { pass, stepSome, wake } from "./happen.ts";
import { randomRelease } from "./make.ts";
import { honest, makeWorld } from "./make-world.ts";
import { somebodyAsks, somebodyMeddles } from "./people.ts";
import { becomeQuiet } from "./quiet.ts";
import type { Setting } from "./setting.ts";
import type { Brain, World } from "./world.ts";

/** One run: everything happens in an order drawn from the seed, then all gets quiet and is looked at. */
export function run(setting: Setting, brain: Brain = honest, unlocked = false): World {
  const world = makeWorld(setting, brain);
  world.fleet.unlocked = unlocked;
  randomRelease(world);
  for (let tick = 0; tick < setting.ticks && world.violations.length === 0; tick++) happen(world);
  if (world.violations.length === 0) becomeQuiet(world);
  return world;
}

/** What may happen, and how often out of a hundred. */
const happenings: readonly (readonly [number, (world: World) => void])[] = [
  [48, clustersGoOn],
  [42, engineGoesOn],
  [2, somebodyReleases],
  [3, peopleAsk],
  [2, outage],
  [2, controllerFault],
  [1, handsMeddle],
];

/** Something happens, somewhere. */
function happen(world: World): void {
  const { random } = world;
  pass(world, random.oneIn(60) ? random.below(300_000) : random.below(2500));
  let left = random.below(100);
  for (const [share, it] of happenings) {
    if (left >= 0 && left < share) it(world);
    left -= share;
  }
}

export function clustersGoOn(world: World): void {
  for (let i = world.busy.length >> 2; i >= 0; i--) stepSome(world);
}

export function engineGoesOn(world: World): void {
  const engine = world.random.pick(world.engines);
  if (engine) stepEngine(world, engine);
}

function somebodyReleases(world: World): void {
  if (world.made < world.setting.releases && world.random.oneIn(3)) randomRelease(world);
}

function peopleAsk(world: World): void {
  if (world.setting.faults.people || world.random.oneIn(3)) somebodyAsks(world);
}

function handsMeddle(world: World): void {
  if (world.setting.faults.hands && world.random.oneIn(4)) somebodyMeddles(world);
}

/** A cluster stops to answer or to read, or is well again. */
function outage(world: World): void {
  const { random, clusters, names, setting } = world;
  const cluster = clusters.get(random.pick(names) ?? "");
  if (!cluster || !setting.faults.outages) return;
  const up = !(cluster.answers && cluster.reads);
  if (!cluster.answers || !up) cluster.downAt = world.now;
  cluster.answers = up || random.oneIn(4);
  cluster.reads = up || random.oneIn(2);
  if (up) wake(world, cluster.name);
}

function controllerFault(world: World): void {
  const { random, clusters, names } = world;
  const cluster = clusters.get(random.pick(names) ?? "");
  const own = random.pick(cluster?.bundles ?? []);
  if (!cluster || !own || !world.setting.faults.controllers) return;
  switch (random.below(6)) {
    case 0:
      cluster.flux = !cluster.flux;
      break;
    case 1:
      cluster.flagger = !cluster.flagger;
      break;
    case 2:
      own.gone = true;
      own.finished = false;
      break;
    case 3:
      // Its status is lost: it says what was before.
      own.applied = own.attempted === own.applied ? "latest@sha256:lost" : own.applied;
      break;
    case 4:
      own.ready = false;
      break;
    default:
      own.failure = "the API server did not answer";
      own.ready = false;
  }
  wake(world, cluster.name);
}
