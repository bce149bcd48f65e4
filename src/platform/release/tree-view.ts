/**
 * A commit's files as several steps onto it see them, one after the other, before any of them is a commit: what was read
 * once is not read again, and what one step writes the next one finds.
 */
import { pointersIn } from "../../emit/flux/index.ts";
import { entriesAt, readBlobs, readFolder, type TreeEntry } from "../../emit/git/read.ts";

/** What a commit writes and removes. */
export interface TreeChanges {
  write: Map<string, string | TreeEntry>;
  /** Files or folders; removed before anything is written. */
  remove: string[];
}

export interface TreeView {
  /** Whether files or folders are there; those that the commit has with what they are. */
  entries(paths: Iterable<string>): Promise<Map<string, TreeEntry>>;
  /** Texts of files; one that is not there is left out. */
  texts(paths: Iterable<string>): Promise<Map<string, string>>;
  /** What lies in a folder that no step of this kind adds to or removes from. */
  names(folder: string): Promise<string[]>;
  /** The pointers in a list's text, which must not be changed. */
  pointersIn(text: string): ReadonlyMap<string, string>;
  apply(changes: TreeChanges): void;
}

/** A view of a commit. */
export function treeView(repo: string, commit: string): TreeView {
  const entries = new Map<string, TreeEntry | undefined>();
  const texts = new Map<string, string | undefined>();
  const folders = new Map<string, string[]>();
  const lists = new Map<string, ReadonlyMap<string, string>>();
  const removed = new Set<string>();
  const isRemoved = (path: string) =>
    removed.has(path) || [...removed].some((own) => path.startsWith(`${own}/`));
  const load = async (paths: readonly string[]) => {
    const unknown = paths.filter((path) => !entries.has(path) && !isRemoved(path));
    if (unknown.length === 0) return;
    const found = await entriesAt(repo, commit, unknown);
    for (const path of unknown) entries.set(path, found.get(path));
  };
  const loadTexts = async (paths: readonly string[]) => {
    const unknown = paths.filter((path) => !texts.has(path));
    await load(unknown);
    const oids = unknown.flatMap((path) => entries.get(path)?.oid ?? []);
    const blobs = await readBlobs(repo, oids);
    for (const path of unknown) texts.set(path, blobs.get(entries.get(path)?.oid ?? "")?.toString("utf8"));
  };
  return {
    entries: async (paths) => {
      const wanted = [...new Set(paths)];
      await load(wanted);
      return known(entries, wanted);
    },
    texts: async (paths) => {
      const wanted = [...new Set(paths)];
      await loadTexts(wanted);
      return known(texts, wanted);
    },
    names: async (folder) => {
      const names = folders.get(folder) ?? [...(await readFolder(repo, commit, folder)).keys()];
      folders.set(folder, names);
      return names;
    },
    pointersIn: (text) => {
      const list = lists.get(text) ?? pointersIn(text);
      lists.set(text, list);
      return list;
    },
    apply: ({ write, remove }) => {
      for (const path of remove) {
        removed.add(path);
        forget(entries, path);
        forget(texts, path);
      }
      for (const [path, content] of write) {
        if (typeof content === "string") texts.set(path, content);
        else texts.delete(path);
        entries.set(path, typeof content === "string" ? { mode: "100644", oid: "" } : content);
      }
    },
  };
}

/** What is at a path and below it is there no more. */
function forget<T>(kept: Map<string, T | undefined>, path: string): void {
  for (const own of kept.keys()) if (own === path || own.startsWith(`${path}/`)) kept.set(own, undefined);
}

function known<T>(from: ReadonlyMap<string, T | undefined>, paths: readonly string[]): Map<string, T> {
  return new Map(
    paths.flatMap((path): [string, T][] => {
      const one = from.get(path);
      return one === undefined ? [] : [[path, one]];
    }),
  );
}
