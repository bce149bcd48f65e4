import { objectsFile } from "../../embedded/delivery/artifact-list.ts";
import { contentRevision } from "../../embedded/delivery/tarball.ts";
import { listPath, pointersIn } from "../../emit/flux/index.ts";
import { entriesAt, readBlobs, readPaths, readTree, type TreeEntry } from "../../emit/git/read.ts";
import { isOver, type Observed, type Release } from "../../release/index.ts";

/** By cluster and bundle the revision that a commit has them read, for releases that are not over. */
export function pointersOf(
  repo: string,
  commit: string,
  releases: readonly Release[],
): Promise<Observed["pointers"]> {
  return pointersFor(
    repo,
    commit,
    releases.filter((release) => !isOver(release)),
  );
}

/** The same for releases that may be over. */
export async function pointersFor(
  repo: string,
  commit: string,
  releases: readonly Release[],
): Promise<Observed["pointers"]> {
  const wanted = new Map<string, Set<string>>();
  for (const { moves } of releases)
    for (const { bundle, clusters } of moves)
      for (const cluster of clusters) wanted.set(cluster, (wanted.get(cluster) ?? new Set()).add(bundle));
  if (wanted.size === 0) return {};
  const texts = await readPaths(repo, commit, [...wanted.keys()].map(listPath));
  const paths = [...wanted].map(([cluster, bundles]) => {
    const text = texts.get(listPath(cluster));
    const listed = text === undefined ? [] : [...pointersIn(text)].filter(([bundle]) => bundles.has(bundle));
    return [cluster, listed] as const;
  });
  const revisions = await revisionsAt(
    repo,
    commit,
    paths.flatMap(([, listed]) => listed.map(([, path]) => path)),
  );
  return Object.fromEntries(
    paths.map(([cluster, listed]) => [
      cluster,
      Object.fromEntries(
        listed.flatMap(([bundle, path]) => {
          const revision = revisions.get(path);
          return revision === undefined ? [] : [[bundle, revision]];
        }),
      ),
    ]),
  );
}

/** Revisions by the id Git gives to the file or folder: the same content is packed once. */
const known = new Map<string, string>();
const mostKnown = 50_000;

/** The revisions of what lies at some paths of a commit, by path; what is not there is left out. */
export async function revisionsAt(
  repo: string,
  commit: string,
  paths: Iterable<string>,
): Promise<Map<string, string>> {
  const entries = await entriesAt(repo, commit, paths);
  const wanted = new Map([...entries.values()].map((entry) => [entry.oid, entry]));
  // What is known now is taken out now: another call may forget it all while this one waits for Git.
  const revisions = new Map([...wanted.keys()].map((oid) => [oid, known.get(oid)]));
  const files = new Map<string, Map<string, string>>();
  for (const [oid, entry] of wanted)
    if (revisions.get(oid) === undefined) files.set(oid, await filesOf(repo, entry));
  const blobs = await readBlobs(
    repo,
    [...files.values()].flatMap((own) => [...own.values()]),
  );
  for (const [oid, own] of files) {
    const contents = [...own].map(([name, blob]) => [name, blobs.get(blob) ?? Buffer.alloc(0)] as const);
    revisions.set(oid, await contentRevision(new Map(contents)));
  }
  if (known.size + files.size > mostKnown) known.clear();
  for (const [oid, revision] of revisions) known.set(oid, revision as string);
  return new Map([...entries].map(([path, { oid }]) => [path, revisions.get(oid) as string]));
}

/** Name in the artifact → blob. */
async function filesOf(repo: string, { mode, oid }: TreeEntry): Promise<Map<string, string>> {
  if (mode !== "040000") return new Map([[objectsFile, oid]]);
  const files = [...(await readTree(repo, oid))].filter(([, entry]) => entry.mode.startsWith("100"));
  return new Map(files.map(([name, entry]) => [name, entry.oid]));
}
