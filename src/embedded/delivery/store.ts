/**
 * The artifacts' files on disk: `<store>/<name>/<sha256>.tar.gz`, and beside each a `<tree>.json` that says
 * which Git tree it was made of, so that an artifact whose tree is known is never packed twice. Everything in
 * here can be made again from the fleet repo.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../util/files.ts";
import { makeTarball } from "./tarball.ts";

export interface StoredArtifact {
  /** Git tree it was made of. */
  tree: string;
  /** SHA-256 of the file, hex. */
  digest: string;
  /** SHA-256 of the content, hex. */
  content: string;
  /** Bytes. */
  size: number;
  /** The file, relative to the store. */
  path: string;
}

/** How many tarballs of one artifact stay: the present one and those a slow reader or a rollback may want. */
const kept = 3;

/** The tarball of an artifact's tree, if it is there in full. */
export function storedArtifact(store: string, name: string, tree: string): StoredArtifact | undefined {
  try {
    const record = JSON.parse(readFileSync(recordPath(store, name, tree), "utf8")) as StoredArtifact;
    return statSync(join(store, record.path)).size === record.size ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Pack an artifact and put it into the store; the file is complete before its record exists. */
export async function storeArtifact(
  store: string,
  name: string,
  tree: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<StoredArtifact> {
  const { data, digest, content } = await makeTarball(files);
  const path = `${name}/${digest}.tar.gz`;
  const record = { tree, digest, content, size: data.length, path };
  writeFileAtomic(join(store, path), data);
  writeFileAtomic(recordPath(store, name, tree), `${JSON.stringify(record)}\n`);
  return record;
}

/** Remove the oldest tarballs of an artifact beyond the last three; the present one always stays. */
export function pruneArtifact(store: string, name: string, present: StoredArtifact): void {
  const folder = join(store, name);
  const now = new Date();
  // What is used now counts as the newest, also when it came back from an earlier commit.
  utimesSync(join(store, present.path), now, now);
  const tarballs = readdirSync(folder).filter((file) => file.endsWith(".tar.gz"));
  const newestFirst = tarballs
    .map((file) => ({ file, time: statSync(join(folder, file)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { file } of newestFirst.slice(kept)) rmSync(join(folder, file), { force: true });
  for (const file of readdirSync(folder)) {
    if (!file.endsWith(".json")) continue;
    const tree = file.slice(0, -".json".length);
    if (!storedArtifact(store, name, tree)) rmSync(join(folder, file), { force: true });
  }
}

/** Remove all of an artifact that is no longer published. */
export function dropArtifact(store: string, name: string): void {
  rmSync(join(store, name), { recursive: true, force: true });
}

/** The names that have files in the store. */
export function storedNames(store: string): string[] {
  return existsSync(store) ? readdirSync(store) : [];
}

function recordPath(store: string, name: string, tree: string): string {
  return join(store, name, `${tree}.json`);
}
