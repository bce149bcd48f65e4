import { git } from "./run.ts";

export interface TreeEntry {
  /** Git's mode: `100644` file, `100755` executable, `120000` symlink, `040000` folder, `160000` submodule. */
  mode: string;
  oid: string;
}

/**
 * Every path of a commit or tree, relative to its root. With `folders`, folders are listed too, so that one
 * call gives the content key (the tree's id) of every folder.
 */
export async function readTree(
  repo: string,
  treeish: string,
  options: { folders?: boolean } = {},
): Promise<Map<string, TreeEntry>> {
  return listTree(repo, treeish, options.folders ? ["-r", "-t"] : ["-r"]);
}

async function listTree(repo: string, treeish: string, flags: string[] = []) {
  const { stdout } = await git(repo, ["ls-tree", ...flags, "-z", "--full-tree", treeish]);
  const entries = new Map<string, TreeEntry>();
  for (const line of stdout.toString("utf8").split("\0")) {
    // "<mode> SP <type> SP <oid> TAB <path>"
    const tab = line.indexOf("\t");
    if (tab < 0) continue;
    const [mode = "", , oid = ""] = line.slice(0, tab).split(" ");
    entries.set(line.slice(tab + 1), { mode, oid });
  }
  return entries;
}

/** The contents of many blobs, read by one git process. The result has an entry for each id that exists. */
export async function readBlobs(repo: string, oids: Iterable<string>): Promise<Map<string, Buffer>> {
  const wanted = [...new Set(oids)];
  const blobs = new Map<string, Buffer>();
  if (wanted.length === 0) return blobs;
  const { stdout } = await git(repo, ["cat-file", "--batch"], { input: `${wanted.join("\n")}\n` });
  let at = 0;
  while (at < stdout.length) {
    const end = stdout.indexOf(10, at);
    const [oid = "", type = "", size = "0"] = stdout.toString("utf8", at, end).split(" ");
    at = end + 1;
    if (type === "missing") continue;
    blobs.set(oid, stdout.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return blobs;
}

/** The files under a folder of a commit, by their full path. `prefix` is a folder, or "" for the whole tree. */
export async function readFiles(repo: string, commit: string, prefix = ""): Promise<Map<string, Buffer>> {
  const folder = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
  const tree = [...(await readTree(repo, commit))].filter(
    ([path, entry]) => path.startsWith(folder) && entry.mode.startsWith("100"),
  );
  const blobs = await readBlobs(
    repo,
    tree.map(([, entry]) => entry.oid),
  );
  const files = new Map<string, Buffer>();
  for (const [path, entry] of tree) {
    const data = blobs.get(entry.oid);
    if (data) files.set(path, data);
  }
  return files;
}

/** The files or folders at these paths of a commit; a path that is not there is left out. No other path is read. */
export async function entriesAt(
  repo: string,
  commit: string,
  paths: Iterable<string>,
): Promise<Map<string, TreeEntry>> {
  const wanted = [...new Set(paths)];
  const names = wanted.map((path) => `${commit}:${path}`);
  const args = ["cat-file", "--batch-check=%(objecttype) %(objectname)"];
  const { stdout } = await git(repo, args, { input: `${names.join("\n")}\n` });
  const modes: Record<string, string> = { blob: "100644", tree: "040000" };
  const entries = new Map<string, TreeEntry>();
  for (const [i, line] of stdout.toString("utf8").split("\n").entries()) {
    const [type = "", oid = ""] = line.split(" ");
    const [path, mode] = [wanted[i], modes[type]];
    if (path !== undefined && mode !== undefined) entries.set(path, { mode, oid });
  }
  return entries;
}

/** The texts of files of a commit by path; one that is not there is left out. No other path is read. */
export async function readPaths(
  repo: string,
  commit: string,
  paths: Iterable<string>,
): Promise<Map<string, string>> {
  const entries = await entriesAt(repo, commit, paths);
  const files = [...entries].filter(([, { mode }]) => mode.startsWith("100"));
  const blobs = await readBlobs(
    repo,
    files.map(([, { oid }]) => oid),
  );
  return new Map(files.map(([path, { oid }]) => [path, blobs.get(oid)?.toString("utf8") ?? ""]));
}

/** What lies in a folder of a commit, by name; nothing where there is no such folder. */
export async function readFolder(
  repo: string,
  commit: string,
  folder: string,
): Promise<Map<string, TreeEntry>> {
  const [entry] = (await entriesAt(repo, commit, [folder])).values();
  return entry?.mode === "040000" ? listTree(repo, entry.oid) : new Map();
}
