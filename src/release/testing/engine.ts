import type { ClusterSeen } from "../observed.ts";
import { questions } from "../questions.ts";
import { ask, lookAt } from "./look.ts";
import { commit } from "./store.ts";
import type { EngineState, World } from "./world.ts";

const stages: Record<EngineState["stage"], (world: World, engine: EngineState) => void> = {
  read,
  look,
  ask: askGates,
  decide: decideNext,
  push: pushNext,
};

/** An engine does one operation: read the head, look at clusters, ask gates, decide, or push one step. */
export function stepEngine(world: World, engine: EngineState): void {
  const { faults } = world.setting;
  if (!engine.alive) revive(engine);
  else if (faults.kills && !world.calm && world.random.oneIn(25)) kill(engine);
  else stages[engine.stage](world, engine);
}

function kill(engine: EngineState): void {
  Object.assign(engine, { alive: false, stage: "read", actions: [], again: undefined });
}

/** It starts again and remembers nothing. */
function revive(engine: EngineState): void {
  Object.assign(engine, { alive: true, answeredAt: new Map() });
}

function read(world: World, engine: EngineState): void {
  engine.head = world.fleet.head;
  engine.stage = "look";
}

function look(world: World, engine: EngineState): void {
  const { releases = [], pointers = {} } = engine.head ?? {};
  const clusters: Record<string, ClusterSeen> = {};
  engine.asked = questions(releases, world.now + engine.skew);
  for (const name of engine.asked.clusters) {
    const seen = lookAt(world, engine, name);
    if (seen) clusters[name] = seen;
  }
  engine.seen = { clusters, pointers, gates: [] };
  engine.stage = "ask";
}

function askGates(world: World, engine: EngineState): void {
  const fresh = (engine.asked?.gates ?? []).flatMap((question) => ask(world, question));
  const faulty = world.setting.faults.staleViews && !world.calm;
  // Answers to older questions come late, and some twice.
  engine.seen = {
    ...engine.seen,
    gates: faulty ? [...fresh, ...world.oldAnswers, ...fresh.slice(0, 1)] : fresh,
  };
  if (faulty) world.oldAnswers = [...fresh, ...world.oldAnswers].slice(0, 12);
  engine.stage = "decide";
}

function decideNext(world: World, engine: EngineState): void {
  const { releases = [] } = engine.head ?? {};
  const seen = world.brain.seen(releases, engine.seen);
  engine.actions = world.brain.decide(releases, seen, world.now + engine.skew);
  for (const action of engine.actions) world.decidedAt.set(action, world.now);
  engine.stage = engine.actions.length > 0 ? "push" : "read";
  engine.idleAt = engine.actions.length > 0 ? -1 : (engine.head?.commit ?? -1);
}

function pushNext(world: World, engine: EngineState): void {
  const { faults } = world.setting;
  const action = engine.again?.action ?? engine.actions.shift();
  const head = engine.again?.head ?? engine.head;
  engine.again = undefined;
  engine.stage = "read";
  if (!action || !head) return;
  const taken = commit(world, head, action, engine.name);
  if (faults.kills && !world.calm && world.random.oneIn(15)) {
    kill(engine);
    return;
  }
  if (faults.lostAnswers && !world.calm && world.random.oneIn(6)) {
    // It does not know that it was taken: it sends the same again, or reads.
    if (world.random.oneIn(2)) Object.assign(engine, { again: { head, action }, stage: "push" });
    return;
  }
  if (!taken || engine.actions.length === 0) return;
  engine.head = world.fleet.head;
  engine.stage = "push";
}
