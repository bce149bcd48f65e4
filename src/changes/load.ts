/**
 * The objects of what differs, some groups at a time: with all of 10,000 apps in memory a plan would not fit. What is
 * told of a group is told at once; only those that objects move between are looked at a second time, together.
 */
import type { FleetTree } from "./fleet-tree.ts";
import type { Group } from "./groups.ts";
import { type FleetFile, parsedFiles } from "./manifests.ts";
import { type LoadedGroup, missingIn, withMoves } from "./moves.ts";
import { releaseChanges } from "./release-change.ts";
import { letsGoOfReplicas } from "./steps.ts";
import type { Objects, UnitChange } from "./types.ts";
import { merged, unitOf } from "./units.ts";

/** Groups read and parsed at a time. */
const atATime = 500;
/** Renames are looked for among this many apps that went and that came. */
const mostCompared = 200;

export interface Compared {
  /** The changes of apps and parts, equal ones together. */
  units: UnitChange[];
  /** Groups that steps of a hand-over come from. */
  handing: LoadedGroup[];
  /** Apps that went and apps that came, as far as they may be renames. */
  candidates: LoadedGroup[];
}

/** What is known of the groups looked at so far. */
interface Seen {
  units: Map<Group, UnitChange[]>;
  /** Identity of an object → the groups that lose it, and those that get it. */
  gone: Map<string, Set<Group>>;
  made: Map<string, Set<Group>>;
  handing: Map<Group, LoadedGroup>;
  went: Map<Group, LoadedGroup>;
  came: Map<Group, LoadedGroup>;
}

/** Compare groups object by object. */
export async function compareGroups(
  head: FleetTree,
  next: FleetTree,
  groups: readonly Group[],
): Promise<Compared> {
  const seen: Seen = {
    units: new Map(),
    gone: new Map(),
    made: new Map(),
    handing: new Map(),
    went: new Map(),
    came: new Map(),
  };
  // Those that may lose objects come first: of the others only those count that take one of these.
  const ordered = [...groups.filter(({ before }) => before), ...groups.filter(({ before }) => !before)];
  for (let start = 0; start < ordered.length; start += atATime) {
    const chunk = ordered.slice(start, start + atATime);
    const loaded = await loadGroups(head, next, chunk);
    for (const [i, group] of chunk.entries()) look(seen, group, loaded[i] as LoadedGroup);
  }
  const moving = movingGroups(seen);
  const moved = moving.size > 0 ? withMoves(await loadGroups(head, next, [...moving])) : [];
  const staying = <T>(all: Map<Group, T>) =>
    [...all].filter(([group]) => !moving.has(group)).map(([, of]) => of);
  const told = moved.filter(({ renamed }) => !renamed).map(unitOf);
  return {
    units: merged([...staying(seen.units), ...told].flat()),
    handing: [...moved, ...staying(seen.handing)],
    candidates: [...staying(seen.went), ...staying(seen.came)],
  };
}

function look({ units, gone, made, handing, went, came }: Seen, group: Group, loaded: LoadedGroup): void {
  units.set(group, unitOf(loaded));
  note(gone, missingIn(loaded.old, loaded.now), group);
  const ids = missingIn(loaded.now, loaded.old);
  note(made, group.before ? ids : ids.filter((id) => gone.has(id)), group);
  if (letsGoOfReplicas(loaded) || releaseChanges(loaded.old, loaded.now).length > 0)
    handing.set(group, loaded);
  const side = group.before === undefined ? came : group.after === undefined ? went : undefined;
  if (side && side.size < mostCompared && group.bundle.startsWith("app-")) side.set(group, loaded);
}

function note(into: Map<string, Set<Group>>, ids: string[], group: Group): void {
  for (const id of ids) into.set(id, (into.get(id) ?? new Set()).add(group));
}

/** Groups that lose what another gets, and those that get it. */
function movingGroups({ gone, made }: Seen): Set<Group> {
  const moving = new Set<Group>();
  for (const [id, takers] of made) {
    const givers = gone.get(id);
    if (!givers) continue;
    for (const group of [...givers, ...takers]) moving.add(group);
  }
  return moving;
}

/** Groups with their objects, in their order. */
async function loadGroups(
  head: FleetTree,
  next: FleetTree,
  groups: readonly Group[],
): Promise<LoadedGroup[]> {
  const before = await loader(
    head,
    groups.flatMap((group) => group.before ?? []),
  );
  const after = await loader(
    next,
    groups.flatMap((group) => group.after ?? []),
  );
  return groups.map((group) => ({
    ...group,
    old: group.before ? before(group.before) : [],
    now: group.after ? after(group.after) : [],
    takes: new Map(),
    gives: [],
  }));
}

/** The objects at paths; equal content is parsed once, and what is known as objects is not parsed. */
async function loader(tree: FleetTree, paths: string[]): Promise<(path: string) => Objects> {
  const known = new Map<string, Objects>();
  const unread: FleetFile[] = [];
  for (const path of paths) {
    const objects = known.get(path) ?? tree.objectsAt(path);
    if (objects) known.set(path, objects);
    else unread.push(...tree.filesAt(path).filter(([file]) => /\.(ya?ml|json)$/.test(file)));
  }
  const parse = await parsedFiles(tree, unread);
  return (path) => known.get(path) ?? tree.filesAt(path).flatMap(parse);
}
