/**
 * A fleet's tree as clusters see it: which bundle lies where, and by which digest its content is known. Only the lists
 * of artifacts are read; everything else is read when it differs.
 */
import { failure } from "../util/errors.ts";
import type { Objects, Tree } from "./types.ts";

/** The artifact that holds a cluster's Kustomizations and namespaces. */
export const rootBundle = "cluster";

export interface FleetTree {
  /** Clusters by name, each with the path of every bundle. */
  clusters: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Kustomizations that a cluster's root takes in and that lie elsewhere, by path. */
  sharedBy(cluster: string): readonly string[];
  /** The files of a path: itself, or all below it; path and digest, sorted. */
  filesAt(path: string): readonly (readonly [path: string, digest: string])[];
  /** The digest of what lies at a path, a file or a folder; the same content has the same one wherever it lies. */
  contentOf(path: string): string;
  read(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The objects at a path where they are known without reading. */
  objectsAt(path: string): Objects | undefined;
}

/** Read a tree's lists of artifacts. Throws LF3002 when one is no such list. */
export async function fleetTree(tree: Tree): Promise<FleetTree> {
  const digests = new Map(tree.paths());
  const sorted = [...digests.keys()].sort();
  const lists = sorted.flatMap((path) => {
    const [, cluster] = /^clusters\/([^/]+)\/artifacts\.json$/.exec(path) ?? [];
    return cluster ? [{ cluster, path }] : [];
  });
  const texts = await tree.read(lists.map(({ path }) => path));
  const read = new Map(lists.map(({ cluster, path }) => [cluster, artifactsIn(path, texts.get(path) ?? "")]));
  const clusters = new Map([...read].map(([cluster, { paths }]) => [cluster, paths]));
  const filesAt = (path: string) => {
    const own = digests.get(path);
    if (own !== undefined) return [[path, own] as const];
    const files: (readonly [string, string])[] = [];
    const prefix = `${path}/`;
    for (let i = firstFrom(sorted, prefix); sorted[i]?.startsWith(prefix); i++)
      files.push([sorted[i] as string, digests.get(sorted[i] as string) as string]);
    return files;
  };
  const contents = new Map<string, string>();
  const contentOf = (path: string) => {
    const known = contents.get(path);
    if (known !== undefined) return known;
    const files = filesAt(path);
    // One file's name says nothing of its content, and a file that grows to a folder is seen as changed once.
    const content =
      digests.get(path) ?? files.map(([file, digest]) => `${file.slice(path.length)} ${digest}`).join("\n");
    contents.set(path, content);
    return content;
  };
  const sharedBy = (cluster: string) => read.get(cluster)?.shared ?? [];
  return {
    clusters,
    sharedBy,
    filesAt,
    contentOf,
    read: (paths) => tree.read(paths),
    objectsAt: (path) => tree.objects?.(path),
  };
}

interface Listed {
  paths: Map<string, string>;
  shared: string[];
}

function artifactsIn(path: string, text: string): Listed {
  try {
    const { artifacts } = JSON.parse(text) as {
      artifacts: { name: string; path: string; with?: string[] }[];
    };
    return {
      paths: new Map(artifacts.map(({ name, path: at }) => [name, at.replace(/\/+$/, "")])),
      shared: artifacts.flatMap((artifact) => artifact.with ?? []),
    };
  } catch (error) {
    throw failure(
      "LF3002",
      {
        what: `${path} of the fleet repo is no list of artifacts`,
        fix: "write it again with: landfall build --commit",
      },
      error,
    );
  }
}

/** The first index whose path is not before `prefix`. */
function firstFrom(sorted: string[], prefix: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < prefix) low = middle + 1;
    else high = middle;
  }
  return low;
}
