/**
 * When nothing moves any more, contents go to where `build` writes them, and pointers follow: the tree is then as if it
 * had been built, or as it was before. Artifacts are named by their content, so no cluster reconciles anything.
 */
import { listPath } from "../../emit/flux/index.ts";
import type { TreeEntry } from "../../emit/git/read.ts";
import { type Action, isOver, type Pointer, type Release, releaseText } from "../../release/index.ts";
import { releaseFolder, releasePath } from "./moves.ts";
import { contentsGone, pointerChanges } from "./pointer-changes.ts";
import type { TreeChanges, TreeView } from "./tree-view.ts";

type Settle = Pick<Action, "release" | "pointers"> & { settle: "to" | "from" };

/** A content that goes to its settled place, and who reads it there. */
interface Target {
  source: string;
  place: string;
  readers: { cluster: string; bundle: string }[];
}

/** What the last commit of a release changes beside the release's file. `releases` are those that are there. */
export async function settleChanges(
  view: TreeView,
  { release, settle, pointers }: Settle,
  releases: readonly Release[],
): Promise<TreeChanges> {
  const lists = await allPointers(view);
  const targets = [...movedTargets(release, settle, pointers), ...renamedTargets(release, settle, lists)];
  const entries = await view.entries(targets.map(({ source }) => source));
  const places = new Map<string, TreeEntry>();
  const settled: Pointer[] = targets.flatMap(({ source, place, readers }) => {
    const entry = entries.get(source);
    if (!entry) throw contentsGone([source]);
    const path = freePlace(places, place, entry, release.id);
    places.set(path, entry);
    return readers.map((reader) => ({ ...reader, path }));
  });
  const { write } = await pointerChanges(view, settled, new Set(places.keys()));
  for (const [path, entry] of places) write.set(path, entry);
  for (const [cluster, own] of Map.groupBy(settled, (pointer) => pointer.cluster)) {
    const paths = own.map(({ bundle, path }) => [bundle, path] as const);
    lists.set(cluster, new Map([...(lists.get(cluster) ?? []), ...paths]));
  }
  const read = new Set([...lists.values()].flatMap((list) => [...list.values()]));
  const over = finished(release, settle, releases, read);
  for (const { id, ...rest } of over)
    if (!rest.settled) write.set(releasePath(id), releaseText({ id, ...rest, settled: true }));
  const remove = [
    ...oldPlaces(release).filter((path) => !read.has(path)),
    ...(settle === "to" ? [`${releaseFolder(release.id)}/to`] : [releaseFolder(release.id)]),
    ...over.map(({ id }) => releaseFolder(id)),
  ];
  const there = await view.entries(remove);
  return { write, remove: [...there.keys()] };
}

/** Every cluster's pointers. */
async function allPointers(view: TreeView): Promise<Map<string, ReadonlyMap<string, string>>> {
  const clusters = await view.names("clusters");
  const texts = await view.texts(clusters.map(listPath));
  return new Map(
    clusters.flatMap((cluster) => {
      const text = texts.get(listPath(cluster));
      return text === undefined ? [] : [[cluster, view.pointersIn(text)]];
    }),
  );
}

/** What settling a release asks a tree for, to have it read in one go with others'. */
export function settlePaths(release: Release): string[] {
  const contents = release.moves.flatMap(({ from, to }) => [from.path, to.path]);
  const folder = releaseFolder(release.id);
  return [...contents, ...oldPlaces(release), folder, `${folder}/to`];
}

/** Where the engine points clusters. A pointer that somebody changed by hand is not among them and stays. */
function movedTargets({ moves }: Release, settle: "to" | "from", pointers: readonly Pointer[]): Target[] {
  const told = new Set(pointers.map(({ cluster, bundle }) => `${cluster} ${bundle}`));
  return moves.flatMap(({ bundle, clusters, settled, [settle]: { path } }) => {
    const readers = clusters
      .filter((cluster) => told.has(`${cluster} ${bundle}`))
      .map((cluster) => ({ cluster, bundle }));
    return readers.length > 0 ? [{ source: path, place: settled[settle], readers }] : [];
  });
}

/** Clusters that keep their content: its file gets its other name. */
function renamedTargets(
  { renamed = [] }: Release,
  settle: "to" | "from",
  lists: ReadonlyMap<string, ReadonlyMap<string, string>>,
): Target[] {
  return renamed.flatMap(({ bundle, clusters, settled }) =>
    clusters.flatMap((cluster) => {
      const source = lists.get(cluster)?.get(bundle);
      const known = source === settled.from || source === settled.to;
      return known ? [{ source, place: settled[settle], readers: [{ cluster, bundle }] }] : [];
    }),
  );
}

/** Where clusters go back to different contents that had one name in turn, only the first can have it. */
function freePlace(places: Map<string, TreeEntry>, place: string, { oid }: TreeEntry, id: string): string {
  for (let n = 1; ; n++) {
    const suffix = n === 1 ? "" : `.${id}${n === 2 ? "" : `-${n}`}`;
    const path = place.endsWith(".yaml") ? `${place.slice(0, -5)}${suffix}.yaml` : `${place}${suffix}`;
    if ((places.get(path)?.oid ?? oid) === oid) return path;
  }
}

function oldPlaces({ moves, renamed = [] }: Release): string[] {
  return [...new Set([...moves, ...renamed].flatMap(({ settled }) => [settled.from, settled.to]))];
}

/**
 * Other releases of which nothing is needed any more: those that were overtaken or left half-way and that no cluster
 * reads from now, and those that succeeded before this one, since there is no way back past it.
 */
function finished(
  release: Release,
  settle: Settle["settle"],
  releases: readonly Release[],
  read: ReadonlySet<string>,
): Release[] {
  const bundles = new Set(release.moves.map(({ bundle }) => bundle));
  const others = releases.filter(
    ({ id, moves }) => id !== release.id && moves.some(({ bundle }) => bundles.has(bundle)),
  );
  const isRead = ({ id }: Release) => [...read].some((path) => path.startsWith(`${releaseFolder(id)}/`));
  const isOld = ({ settled, phase }: Release) => !settled || (settle === "to" && phase === "succeeded");
  return others.filter((other) => isOver(other) && !isRead(other) && isOld(other));
}
