/**
 * What a build leaves alone: bundles that a release moves, that a failed one left and nobody has looked at, or whose
 * declaration is what failed: they stay on every cluster as the fleet's head has them. Everything else is built as usual.
 */
import { fleetTree, type FleetTree as Read } from "../../changes/fleet-tree.ts";
import {
  type FleetTree,
  fileOf,
  generatorPath,
  listPath,
  pointersIn,
  withGeneratorPointers,
  withPointers,
} from "../../emit/flux/index.ts";
import { type Content, isOver, type Release, releaseText } from "../../release/index.ts";
import { LandfallError, type Problem, problem } from "../../util/errors.ts";
import { gitTree, treeOf } from "../plan-trees.ts";
import { contentAt, readContents } from "./contents.ts";
import { releaseFolder, releasePath } from "./moves.ts";
import { releasesAt } from "./store.ts";

/** Bundles that one release keeps from being built. */
export interface Held {
  release: string;
  phase: Release["phase"];
  bundles: string[];
  /** Somebody has seen that it failed, and the declaration still says the same. */
  again: boolean;
}

export interface HeldTree {
  /** What to commit, or to compare with. */
  files: FleetTree;
  /** Paths of the head that stay although `files` has them not: what releases keep. */
  keep(path: string): boolean;
  held: Held[];
}

/** What a build of `declared` comes to on top of a head. Throws LF4036 when it removes what is being released. */
export async function heldBack(repo: string, head: string, declared: FleetTree): Promise<HeldTree> {
  const releases = await releasesAt(repo, head);
  if (releases.length === 0) return { files: declared, keep: () => false, held: [] };
  const [before, after] = [await fleetTree(await gitTree(repo, head)), await fleetTree(treeOf(declared))];
  const held = [
    ...releases.filter(holds).map((release) => ({ ...heldBy(release), again: false })),
    ...(await failedBefore(releases, after)),
  ].filter(({ bundles }) => bundles.length > 0);
  const names = new Set(held.map(({ release }) => release));
  // Where contents settle is theirs, also while nobody reads it.
  const places = releases
    .filter(({ id }) => names.has(id))
    .flatMap(({ moves, renamed = [] }) =>
      [...moves, ...renamed].flatMap(({ settled }) => Object.values(settled)),
    );
  const pointers = pointersHeld(held, before, after);
  const files = await withHeld(declared, { before, after, pointers, places });
  const read = referenced(files);
  const needed = releases.filter(
    (release) => holds(release) || isRead(release, read) || isWayBack(release, before, after),
  );
  // Nothing of the others is left in the fleet, so they count no more.
  for (const release of releases)
    if (isOver(release) && !release.settled && !needed.includes(release))
      files.set(releasePath(release.id), fileOf(releaseText({ ...release, settled: true })));
  const folders = needed.map(({ id }) => `${releaseFolder(id)}/`);
  const keep = (path: string) =>
    /^releases\/[^/]+\.json$/.test(path) || folders.some((folder) => path.startsWith(folder));
  return { files, keep, held };
}

/** A release that is not over, or failed and was not looked at, keeps its bundles. */
const holds = (release: Release) =>
  !isOver(release) ||
  ((release.phase === "rolledBack" || release.phase === "halted") && !release.acknowledged);

const heldBy = ({ id, phase, moves }: Release) => ({
  ...{ release: id, phase },
  bundles: [...new Set(moves.map(({ bundle }) => bundle))].sort(),
});

/**
 * What failed would come back to all clusters at once if it were built: as long as the declaration says what the last
 * release of a bundle went back from, or other objects around the same pods, only another release can bring it.
 */
async function failedBefore(releases: readonly Release[], after: Read): Promise<Held[]> {
  const last = new Map(
    releases.flatMap((release) => release.moves.map(({ bundle }) => [bundle, release] as const)),
  );
  const failed = releases.filter(({ phase }) => ["rolledBack", "aborted", "halted"].includes(phase));
  const found = failed.map(async (release) => {
    const moves = release.moves.filter(({ bundle }) => last.get(bundle) === release);
    const paths = moves.flatMap(({ bundle, clusters }) =>
      clusters.flatMap((cluster) => after.clusters.get(cluster)?.get(bundle) ?? []),
    );
    const contents = await readContents(after, paths);
    const declared = new Set<string>();
    for (const [path, files] of contents)
      for (const mark of marksOf(await contentAt(path, files))) declared.add(mark);
    const same = moves.filter(({ to, from }) => {
      const good = new Set(marksOf(from));
      return marksOf(to).some((mark) => declared.has(mark) && !good.has(mark));
    });
    return { ...heldBy({ ...release, moves: same }), again: !holds(release) };
  });
  return (await Promise.all(found)).filter(({ again }) => again);
}

/** What a content is known by: all of it, and the pods of each workload. */
const marksOf = ({ revision, workloads }: Content) => [
  revision,
  ...workloads.flatMap(({ name, namespace, template }) =>
    template === undefined ? [] : `${namespace}/${name} ${template}`,
  ),
];

const isRead = ({ id }: Release, read: ReadonlySet<string>) =>
  [...read].some((path) => path.startsWith(`${releaseFolder(id)}/`));

/** One can go back from a release as long as nothing was built over it. */
function isWayBack({ phase, settled, moves }: Release, before: Read, after: Read): boolean {
  const stays = ({ settled: { to } }: Release["moves"][number]) =>
    before.contentOf(to) === after.contentOf(to);
  return phase === "succeeded" && settled && moves.every(stays);
}

/** Cluster → bundle → the path that the head has for it. What is to go while a release moves it is refused. */
function pointersHeld(held: readonly Held[], before: Read, after: Read): Map<string, Map<string, string>> {
  const holders = new Map(held.flatMap((one) => one.bundles.map((bundle) => [bundle, one] as const)));
  const problems: Problem[] = [];
  const pointers = [...before.clusters].map(([cluster, own]) => {
    const kept = [...own].filter(([bundle]) => holders.has(bundle));
    const there = kept.filter(([bundle]) => after.clusters.get(cluster)?.has(bundle));
    for (const [bundle] of kept) {
      const holder = holders.get(bundle);
      if (holder && !holder.again && !after.clusters.get(cluster)?.has(bundle))
        problems.push(removed(bundle, cluster, holder.release));
    }
    return [cluster, new Map(there)] as const;
  });
  if (problems.length > 0) throw new LandfallError(problems);
  return new Map(pointers);
}

function removed(bundle: string, cluster: string, release: string): Problem {
  return problem("LF4036", {
    what: `${bundle} would go from ${cluster}, while ${release} has it`,
    why: "the release could neither go on nor back there",
    fix: `let it end first: landfall release status ${release}; or end it: landfall release abort ${release}`,
  });
}

interface Holding {
  before: Read;
  after: Read;
  /** Cluster → bundle → the path that stays. */
  pointers: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Other paths that stay. */
  places: readonly string[];
}

/** The declared files with the head's content and pointers for what is held. */
async function withHeld(
  declared: FleetTree,
  { before, after, pointers, places }: Holding,
): Promise<FleetTree> {
  const files = new Map(declared);
  const pathsOf = (all: Iterable<ReadonlyMap<string, string>>) =>
    [...all].flatMap((own) => [...own.values()]);
  const filesOf = (tree: Read, paths: Iterable<string>) =>
    [...new Set(paths)].flatMap((path) => tree.filesAt(path).map(([file]) => file));
  const bundles = new Set([...pointers.values()].flatMap((own) => [...own.keys()]));
  const declaredPaths = [...after.clusters].map(
    ([cluster, own]) => [cluster, new Map([...own].filter(([bundle]) => bundles.has(bundle)))] as const,
  );
  for (const file of filesOf(after, pathsOf(declaredPaths.map(([, own]) => own)))) files.delete(file);
  const texts = await before.read(filesOf(before, [...pathsOf(pointers.values()), ...places]));
  for (const [file, text] of texts) files.set(file, fileOf(text));
  // A cluster that gets a held bundle for the first time reads what is declared, unless others read the same file.
  const firsts = declaredPaths.flatMap(([cluster, own]) =>
    [...own].filter(([bundle]) => !pointers.get(cluster)?.has(bundle)).map(([, path]) => path),
  );
  for (const file of filesOf(after, firsts))
    if (!files.has(file)) files.set(file, declared.get(file) ?? fileOf(""));
  for (const [cluster, own] of pointers) if (own.size > 0) point(files, cluster, own);
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function point(files: FleetTree, cluster: string, paths: ReadonlyMap<string, string>): void {
  const list = files.get(listPath(cluster));
  const generators = files.get(generatorPath(cluster));
  if (list) files.set(listPath(cluster), fileOf(withPointers(list.text, paths)));
  if (generators) files.set(generatorPath(cluster), fileOf(withGeneratorPointers(generators.text, paths)));
}

function referenced(files: FleetTree): Set<string> {
  const lists = [...files].filter(([path]) => /^clusters\/[^/]+\/artifacts\.json$/.test(path));
  return new Set(lists.flatMap(([, { text }]) => [...pointersIn(text).values()]));
}

/** What was held back, to tell those who build or plan. */
export function heldProblems(held: readonly Held[]): Problem[] {
  return held.map((one) => ({
    ...problem("LF4036", {
      what: `${one.bundles.join(", ")} ${one.bundles.length === 1 ? "stays as the fleet has it" : "stay as the fleet has them"}`,
      ...reasonOf(one),
    }),
    severity: "info",
  }));
}

function reasonOf({ release, phase, bundles, again }: Held): { why: string; fix: string } {
  if (again) {
    const apps = bundles.flatMap((bundle) => (bundle.startsWith("app-") ? bundle.slice(4) : []));
    return {
      why: `the declaration still says what ${release} went back from, and a build would bring it to all clusters at once`,
      fix: `take back what it set: landfall release acknowledge ${release} --restore; or declare something else, or release it again: landfall release start ${apps.join(" ")}`.trim(),
    };
  }
  if (phase === "rolledBack" || phase === "halted")
    return {
      why: `${release} failed there, and nobody has acknowledged it`,
      fix: `landfall release acknowledge ${release}; with --restore the declaration says again what runs`,
    };
  return {
    why: `${release} decides what clusters get (${phase})`,
    fix: `landfall release status ${release}`,
  };
}
