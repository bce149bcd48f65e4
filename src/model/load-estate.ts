import { basename, dirname } from "node:path";
import { type Place, type Problem, problem } from "../util/errors.ts";
import { isRecord } from "../util/records.ts";
import type { Listing, ListProblem } from "./list-files.ts";
import type { ParsedFiles, Source } from "./parsed-files.ts";
import { type PlaceOf, placesIn, textProblems } from "./places.ts";
import { isHostileKey } from "./read-yaml.ts";
import { shown } from "./shown.ts";

/** The apps that the YAML files of an estate declare. */
export interface EstateApps {
  /** By name in the files' order; the file each is declared in. */
  apps: Map<string, { file: string; tree: unknown; place: PlaceOf }>;
  sources: Source[];
  /** Apps that several files declare; the rest can be checked all the same. */
  doubled: Problem[];
  /** Files that cannot be read; what refers to their apps cannot be told right from wrong. */
  unread: Problem[];
}

/** Read the YAML files of an estate; each is named after the app it declares. */
export function readEstate(listing: Listing, files: ParsedFiles): EstateApps {
  const estate: EstateApps = { apps: new Map(), sources: [], doubled: [], unread: [] };
  for (const path of listing.files) {
    if (path.endsWith(".ts")) continue;
    const read = files.read(path);
    if (read.source) estate.sources.push(read.source);
    if ("problems" in read) {
      estate.unread.push(...textProblems(path, read.problems));
      continue;
    }
    const { value: tree } = read;
    const name = nameOf(path);
    const wrong = wrongApp(name, tree, path);
    const known = estate.apps.get(name);
    if (wrong) estate.unread.push(wrong);
    else if (known) estate.doubled.push(doubledApp(name, known.place([]), placesIn(path)([])));
    else estate.apps.set(name, { file: path, tree, place: placesIn(path) });
  }
  return estate;
}

/**
 * The estate after some of its YAML files changed; nothing where that is not as simple as putting apps in their places.
 */
export function changedEstate(
  before: EstateApps,
  changed: Iterable<string>,
  files: ParsedFiles,
): EstateApps | undefined {
  if (before.doubled.length > 0) return undefined;
  const apps = new Map(before.apps);
  const sources = new Map<string, Source>();
  for (const path of changed) {
    const read = files.read(path);
    const name = nameOf(path);
    if ("problems" in read || wrongApp(name, read.value, path) || !apps.has(name)) return undefined;
    sources.set(path, read.source);
    apps.set(name, { file: path, tree: read.value, place: placesIn(path) });
  }
  return { ...before, apps, sources: before.sources.map((source) => sources.get(source.path) ?? source) };
}

const nameOf = (path: string) => basename(path).replace(/\.ya?ml$/, "");

function wrongApp(name: string, tree: unknown, path: string): Problem | undefined {
  if (!isRecord(tree)) {
    return problem("LF1001", {
      what: `${basename(path)} does not hold an app`,
      why: "it is no mapping",
      fix: "write the app's keys at its top, such as `image: …`",
      where: { file: shown(path) },
    });
  }
  if (!isHostileKey(name)) return undefined;
  return problem("LF1015", {
    what: `no app can be named ${name}`,
    fix: "rename the file",
    where: { file: shown(path) },
  });
}

/** Where something is declared that is declared again; a line says enough. */
export function firstAt({ file, line }: Place): string {
  return `the first is at ${file}${line === undefined ? "" : `:${line}`}`;
}

/** Two declarations of one app; the places are as messages show them. */
export function doubledApp(name: string, first: Place, second: Place): Problem {
  return problem("LF1008", {
    what: `two apps are named ${name}`,
    why: firstAt(first),
    fix: "rename one of them, or remove the file that is not meant",
    where: second,
  });
}

const listReasons: Record<ListProblem["reason"], [what: string, fix: string]> = {
  missing: ["there is no such folder", "create it, or correct the entry under `include`"],
  "no folder": ["it is no folder", "name the folder that the files lie in"],
  unreadable: ["it cannot be read", "let the user that runs landfall read it, or remove it"],
  leaves: [
    "it leads outside the declaration's folder, or is that folder itself",
    "keep the estate's files in folders below the declaration's",
  ],
  cycle: ["its link leads to a folder that is read already", "remove the link"],
};

/** What was wrong with folders and links, at the entry of `include` or the link. */
export function listProblems(listing: Listing, place: PlaceOf): Problem[] {
  return listing.problems.map(({ path, reason, detail, entry }) => {
    const [why, fix] = listReasons[reason];
    return problem(reason === "missing" ? "LF1012" : "LF1001", {
      what: `${shown(path)} cannot be read as part of the estate`,
      why: detail ? `${why}: ${detail}` : why,
      fix,
      where: entry === undefined ? { file: shown(dirname(path)) } : place(["include", entry]),
    });
  });
}
