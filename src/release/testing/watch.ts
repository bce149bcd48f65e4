import type { Action } from "../action.ts";
import { conflict, isMoving, isUnseenFailure } from "../order.ts";
import { movesOf } from "../pairs.ts";
import type { Release } from "../release.ts";
import type { Head } from "./fleet.ts";
import type { Landed } from "./landed.ts";
import {
  pointsTo,
  provenServes,
  reachableIsNotAway,
  returnedServes,
  withinConcurrency,
} from "./watch-clusters.ts";
import { gateHeld } from "./watch-gates.ts";
import { startsFromGood } from "./watch-good.ts";
import type { World } from "./world.ts";

/** What must hold of every commit, judged by what is true and not by what engines say. Each tells what is wrong. */
const laws: readonly ((landed: Landed) => string | undefined)[] = [
  oneCommitAStep,
  provenServes,
  returnedServes,
  gateHeld,
  startsFromGood,
  withinConcurrency,
  nothingInAFreeze,
  staysAborted,
  oneMover,
  handsKept,
  failuresSeen,
  reachableIsNotAway,
];

export function inspect(world: World, before: Head, action: Action): void {
  const is = action.release;
  const was = before.releases.find(({ id }) => id === is.id);
  if (!was) return;
  note(world, was, is, action.kind);
  const proven = `${is.id}|${is.wave}|${is.provenAt}`;
  if (is.provenAt !== undefined && !world.provenAt.has(proven)) {
    world.provenAt.set(proven, world.decidedAt.get(action) ?? world.now);
  }
  const landed = { world, before, was, is, action, at: world.decidedAt.get(action) ?? world.now };
  for (const law of laws) {
    const wrong = law(landed);
    if (wrong) world.violations.push(`${law.name}: ${is.id} step ${is.step} (${action.kind}): ${wrong}`);
  }
}

/** Which transitions happen, for the documented table. */
function note({ transitions }: World, was: Release, is: Release, kind: string): void {
  transitions.add(`release: ${was.phase} | ${kind} | ${is.phase}`);
  for (const [name, { state }] of Object.entries(is.clusters)) {
    const before = was.clusters[name];
    if (before && before !== is.clusters[name] && before.state !== state) {
      transitions.add(`cluster: ${before.state} | ${kind} | ${state}`);
    }
  }
}

function oneCommitAStep({ was, is }: Landed): string | undefined {
  if (is.step !== was.step + 1) return `follows step ${was.step}`;
  if (is.log.length !== is.step) return `its log has ${is.log.length} entries`;
  return is.log.at(-1)?.step === is.step ? undefined : "its log ends with another step";
}

function nothingInAFreeze({ world, before, was, is, at }: Landed): string | undefined {
  if (is.priority >= 10) return undefined;
  const skew = world.setting.skew * 1000;
  for (const { from, until, clusters } of was.policy.freezes) {
    if (at - skew < Date.parse(from) || at + skew >= Date.parse(until)) continue;
    for (const name of clusters ?? Object.keys(is.clusters)) {
      const moved = movesOf(is, name).find(
        (move) => before.pointers[name]?.[move.bundle] !== move.to.revision && pointsTo(world, name, move),
      );
      if (moved) return `${name} is told to move in a freeze`;
    }
  }
  return undefined;
}

const over = new Set(["aborted", "rolledBack", "superseded", "halted", "succeeded"]);

/** What is over stays so; a person alone takes back what it left. No cluster is told to go to its version again. */
function staysAborted({ world, before, was, is, action }: Landed): string | undefined {
  if (over.has(was.phase) && !["rollback", "acknowledge"].includes(action.kind)) return `it was ${was.phase}`;
  if (was.phase !== "returning" && !over.has(was.phase)) return undefined;
  for (const name of Object.keys(is.clusters)) {
    const again = movesOf(is, name).some(
      (move) => before.pointers[name]?.[move.bundle] !== move.to.revision && pointsTo(world, name, move),
    );
    if (again) return `${name} is told to move, although it was ${was.phase}`;
  }
  return undefined;
}

/** Of releases that share a bundle one moves at a time. */
function oneMover({ world, is }: Landed): string | undefined {
  if (!isMoving(is)) return undefined;
  const other = world.fleet.head.releases.find((one) => isMoving(one) && conflict(one, is));
  return other ? `${other.id} moves the same` : undefined;
}

/** Pointers that somebody changed by hand are not overwritten. */
function handsKept({ world, before, was }: Landed): string | undefined {
  for (const name of Object.keys(was.clusters)) {
    for (const { bundle, from, to, back } of movesOf(was, name)) {
      const [old, now] = [before.pointers[name]?.[bundle] ?? "", world.fleet.head.pointers[name]?.[bundle]];
      const own = [from.revision, to.revision, back.revision].includes(old) || !world.byHand.has(old);
      if (old !== now && !own) return `${bundle} on ${name} was ${old}`;
    }
  }
  return undefined;
}

function failuresSeen({ before, was, action }: Landed): string | undefined {
  if (action.kind !== "start") return undefined;
  const failed = before.releases.find((other) => isUnseenFailure(other) && conflict(other, was));
  return failed ? `nobody has seen why ${failed.id} failed` : undefined;
}
