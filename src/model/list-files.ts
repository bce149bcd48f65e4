/**
 * The files of an estate: everything below the folders of `include` that declares an app. Also loaded by the process
 * that evaluates declarations, so it imports nothing but what every process has.
 */
import { type Dirent, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";

/** Why a folder or file could not be taken. */
export interface ListProblem {
  path: string;
  reason: "missing" | "no folder" | "unreadable" | "leaves" | "cycle";
  detail?: string;
  /** The index in `include`, where the entry itself is wrong. */
  entry?: number;
}

export interface Listing {
  /** Absolute paths in order of their names; each once, however many entries lead to it. */
  files: string[];
  /** Every folder looked into. */
  folders: string[];
  problems: ListProblem[];
}

const declaring = /\.(ya?ml|ts)$/;
/** Types, tests, and what its writer marks as no app of its own. */
const leftOut = /^[._]|\.(d|test)\.ts$/;

/** Whether a file of this name declares apps when it lies in an estate. */
export function declaresApps(name: string): boolean {
  return declaring.test(name) && !leftOut.test(name);
}

/** The entries of `include` that can be followed; what is wrong with others the schema says. */
export function followable(include: unknown): [index: number, folder: string][] {
  if (!Array.isArray(include)) return [];
  return include.flatMap((entry: unknown, i): [number, string][] =>
    typeof entry === "string" && entry !== "" && !entry.startsWith("/") && !entry.split("/").includes("..")
      ? [[i, entry]]
      : [],
  );
}

/** Look into the folders of `include` below `dir`. */
export function listEstate(dir: string, include: unknown): Listing {
  const listing: Listing = { files: [], folders: [], problems: [] };
  const home = realpathSync(dir);
  const seen = new Set<string>();
  const linked = new Set<string>();
  for (const [entry, name] of followable(include)) {
    const path = join(dir, name).replace(/\/$/, "");
    const wrong = wrongFolder(path, home);
    if (wrong) listing.problems.push({ ...wrong, path, entry });
    else visit(path, { listing, home, seen, linked });
  }
  listing.files = [...seen].sort();
  return listing;
}

interface Visit {
  listing: Listing;
  home: string;
  seen: Set<string>;
  /** The real folders that links led to. */
  linked: Set<string>;
}

function wrongFolder(path: string, home: string): Omit<ListProblem, "path"> | undefined {
  try {
    if (!statSync(path).isDirectory()) return { reason: "no folder" };
    const real = realpathSync(path);
    // The declaration's own folder would hold the declaration and what is written from it.
    if (real === home || !isBelow(real, home)) return { reason: "leaves" };
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT"
      ? { reason: "missing" }
      : { reason: "unreadable", detail: String(error) };
  }
}

function isBelow(path: string, home: string): boolean {
  return path === home || path.startsWith(home + sep);
}

function visit(folder: string, at: Visit): void {
  const { listing } = at;
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    listing.problems.push({ path: folder, reason: "unreadable", detail: String(error) });
    return;
  }
  listing.folders.push(folder);
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isSymbolicLink()) followLink(path, entry.name, at);
    else if (!entry.isDirectory()) takeFile(path, entry, at);
    else if (!entry.name.startsWith(".") && entry.name !== "node_modules") visit(path, at);
  }
}

function takeFile(path: string, entry: Dirent, { listing, seen }: Visit): void {
  if (!declaresApps(entry.name)) return;
  if (entry.isFile()) seen.add(path);
  // A pipe would wait forever.
  else listing.problems.push({ path, reason: "unreadable", detail: "it is no file" });
}

/** A link is followed while it stays in the declaration's folder; to each folder once, and to none it lies in. */
function followLink(path: string, name: string, at: Visit): void {
  if (name.startsWith(".")) return;
  const add = (problem: Omit<ListProblem, "path">) => at.listing.problems.push({ path, ...problem });
  try {
    const real = realpathSync(path);
    const stat = statSync(path);
    if (!stat.isDirectory() && !declaresApps(name)) return;
    if (!isBelow(real, at.home)) add({ reason: "leaves" });
    else if (stat.isFile()) at.seen.add(path);
    else if (!stat.isDirectory()) add({ reason: "unreadable", detail: "it is no file" });
    else if (isBelow(realpathSync(dirname(path)), real) || at.linked.has(real)) add({ reason: "cycle" });
    else {
      at.linked.add(real);
      visit(path, at);
    }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT" && lstatSync(path).isSymbolicLink();
    if (!missing || declaresApps(name)) add({ reason: "unreadable", detail: String(error) });
  }
}
