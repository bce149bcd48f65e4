/** From which content to which the bundles of clusters move, and the files that a release keeps of them. */
import type { FleetTree } from "../../changes/fleet-tree.ts";
import type { Content, Move, Release } from "../../release/index.ts";
import {
  type ContentFiles,
  contentAt,
  filesBelow,
  imagesIn,
  readContents,
  withoutAnalysis,
} from "./contents.ts";

/** Where a content lies now, and where it lies once nothing moves any more. */
export interface Lying {
  path: string;
  settled: string;
}

/** One bundle of one cluster. */
export interface Pair {
  cluster: string;
  bundle: string;
  from: Lying;
  to: Lying;
}

/** What a release moves, and what its folder holds. */
export interface Moves {
  moves: Move[];
  renamed: NonNullable<Release["renamed"]>;
  /** Path in the fleet repo → text: the whole folder of the release. */
  write: Map<string, string>;
  /** Images that clusters have not had in these bundles, each with its clusters. */
  images: Map<string, Set<string>>;
}

export const releaseFolder = (id: string) => `releases/${id}`;
export const releasePath = (id: string) => `releases/${id}.json`;

/** Where the content at a path of the fleet repo lies when nothing moves: of a release's copy, the original. */
export function settledName(path: string): string {
  return path.replace(/^releases\/[^/]+\/(?:from|to|back)\d*\//, "");
}

/**
 * The moves of pairs, equal ones together. A pair whose content stays is none; where only its file gets another name,
 * that is `renamed`. `evenSame` moves all of them where nothing differs: a release moves something.
 */
export async function movesBetween(
  id: string,
  pairs: readonly Pair[],
  head: FleetTree,
  next: FleetTree,
  { evenSame = false }: { evenSame?: boolean } = {},
): Promise<Moves> {
  const differs = ({ from, to }: Pair) => head.contentOf(from.path) !== next.contentOf(to.path);
  const isSame = pairs.some(differs) || !evenSame ? (pair: Pair) => !differs(pair) : () => false;
  const moving = pairs.filter((pair) => !isSame(pair));
  const renaming = pairs.filter((pair) => isSame(pair) && pair.from.settled !== pair.to.settled);
  const [old, now] = [
    await readContents(
      head,
      moving.map(({ from }) => from.path),
    ),
    await readContents(
      next,
      moving.map(({ to }) => to.path),
    ),
  ];
  const keep = keeper(id);
  const moves: Move[] = [];
  const images = new Map<string, Set<string>>();
  for (const group of Map.groupBy(moving, keyOf).values()) {
    const [{ bundle, from, to }] = group as [Pair];
    const before = old.get(from.path) as ContentFiles;
    const kept = await keep("from", from.settled, before);
    const judged = withoutAnalysis(before);
    const after = now.get(to.path) as ContentFiles;
    const had = imagesIn(before);
    for (const image of imagesIn(after))
      if (!had.has(image))
        images.set(image, new Set([...(images.get(image) ?? []), ...group.map(({ cluster }) => cluster)]));
    moves.push({
      bundle,
      clusters: group.map(({ cluster }) => cluster),
      from: kept,
      to: await keep("to", to.settled, after),
      back: judged ? await keep("back", from.settled, judged) : kept,
      settled: { from: from.settled, to: to.settled },
    });
  }
  const renamed = [...Map.groupBy(renaming, keyOf).values()].map((group) => {
    const [{ bundle, from, to }] = group as [Pair];
    const clusters = group.map(({ cluster }) => cluster);
    return { bundle, clusters, settled: { from: from.settled, to: to.settled } };
  });
  return { moves, renamed, write: keep.write, images };
}

const keyOf = ({ bundle, from, to }: Pair) => JSON.stringify([bundle, from, to]);

/** Gives contents their places in the release's folder, under the name they have when they are settled. */
function keeper(id: string) {
  const known = new Map<string, { files: ContentFiles; content: Content }>();
  const write = new Map<string, string>();
  const keep = async (kind: "from" | "to" | "back", settled: string, files: ContentFiles) => {
    // One name may have stood for different contents, when a release came in between.
    for (let n = 1; ; n++) {
      const path = `${releaseFolder(id)}/${kind}${n === 1 ? "" : n}/${settled}`;
      const there = known.get(path);
      if (there && isEqual(there.files, files)) return there.content;
      if (there) continue;
      const content = await contentAt(path, files);
      known.set(path, { files, content });
      for (const [file, text] of filesBelow(path, files)) write.set(file, text);
      return content;
    }
  };
  return Object.assign(keep, { write });
}

const isEqual = (a: ContentFiles, b: ContentFiles) =>
  a.size === b.size && [...a].every(([file, text]) => b.get(file) === text);
