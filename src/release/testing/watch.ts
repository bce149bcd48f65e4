import type { Action } from "../action.ts";
import { conflict, isMoving, isUnseenFailure } from "../order.ts";
import { movesOf } from "../pairs.ts";
import type { Release } from "../release.ts";
import { isServing } from "./cluster.ts";
import type { Head } from "./fleet.ts";
import { heldBy } from "./versions.ts";
import { gateHeld } from "./watch-gates.ts";
import { startsFromGood } from "./watch-good.ts";
import type { World } from "./world.ts";

/** One commit of a release, with what was before it. */
export interface Landed {
  world: World;
  before: Head;
  was: Release;
  is: Release;
  action: Action;
  /** True time at which it was decided. */
  at: number;
}

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

/** A cluster that is called updated has served exactly the new version since it was told to. */
function provenServes({ world, was, is }: Landed): string | undefined {
  for (const [name, { state }] of Object.entries(is.clusters)) {
    if (state !== "updated" || was.clusters[name]?.state === "updated") continue;
    const cluster = world.clusters.get(name);
    for (const { bundle, to } of movesOf(is, name)) {
      const own = cluster?.bundles.find((one) => one.bundle === bundle);
      const version = Number(to.workloads[0]?.template?.split(":")[1]);
      if (own && !isServing(own, version) && own.served[version] === undefined) {
        return `${name} has never served ${bundle} ${version}`;
      }
    }
  }
  return undefined;
}

/** A cluster that is called back has served the last good version since it was told to go back. */
function returnedServes({ world, was, is, at }: Landed): string | undefined {
  const skew = 2000 * world.setting.skew;
  for (const [name, { state }] of Object.entries(is.clusters)) {
    if (state === "returning")
      world.toldBack.set(`${is.id}|${name}`, world.toldBack.get(`${is.id}|${name}`) ?? at);
    if (state !== "returned" || was.clusters[name]?.state === "returned") continue;
    const told = world.toldBack.get(`${is.id}|${name}`) ?? 0;
    for (const { bundle, from } of movesOf(is, name)) {
      const own = world.clusters.get(name)?.bundles.find((one) => one.bundle === bundle);
      const version = heldBy(from.revision).version;
      if (own && !isServing(own, version) && (own.served[version] ?? 0) + skew < told) {
        return `${name} has not served ${bundle} ${version} since it was told to`;
      }
    }
  }
  return undefined;
}

/** Clusters told to move that have not served the new version since, and count as reachable. */
function withinConcurrency({ world, is, action }: Landed): string | undefined {
  if (action.kind !== "advance") return undefined;
  const limit = is.waves[is.wave]?.concurrency ?? 0;
  const moving = Object.entries(is.clusters).filter(([name, { state }]) => {
    if (state === "away" || !movesOf(is, name).some((move) => pointsTo(world, name, move))) return false;
    return !movesOf(is, name).every(({ bundle, to }) =>
      hasServed(world, name, bundle, to.workloads[0]?.template),
    );
  });
  return moving.length > limit ? `${moving.length} clusters are on their way, ${limit} may be` : undefined;
}

function pointsTo({ fleet }: World, name: string, { bundle, to }: Release["moves"][number]): boolean {
  return fleet.head.pointers[name]?.[bundle] === to.revision;
}

function hasServed(world: World, name: string, bundle: string, template: string | undefined): boolean {
  const own = world.clusters.get(name)?.bundles.find((one) => one.bundle === bundle);
  return own?.served[Number(template?.split(":")[1])] !== undefined;
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

/** A cluster that is called away or skipped really did not answer, and for as long as it takes. */
function reachableIsNotAway({ world, was, is }: Landed): string | undefined {
  for (const [name, { state, since }] of Object.entries(is.clusters)) {
    const before = was.clusters[name];
    if ((state !== "away" && state !== "skipped") || !before || before.state === state) continue;
    const cluster = world.clusters.get(name);
    if (cluster?.answers && cluster.downAt === 0) return `${name} has always answered`;
    if (Date.parse(since) - Date.parse(before.since) <= is.policy.awayAfterMs)
      return `${name} counts as away too early`;
  }
  return undefined;
}
