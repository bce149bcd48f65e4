import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { failure, inFileOrder, LandfallError, type Place, type Problem, problem } from "../util/errors.ts";
import { isRecord } from "../util/records.ts";
import type { Declaration } from "./declaration.ts";
import { type Listing, listEstate } from "./list-files.ts";
import { readData } from "./load-data.ts";
import {
  changedEstate,
  doubledApp,
  type EstateApps,
  firstAt,
  listProblems,
  readEstate,
} from "./load-estate.ts";
import { type EvaluatedTree, evaluateDeclaration } from "./load-typescript.ts";
import { openParsedFiles, type ParsedFiles, type Source } from "./parsed-files.ts";
import { type PlaceOf, placesIn, textProblems } from "./places.ts";
import { shown } from "./shown.ts";

const fileNames = ["landfall.config.ts", "landfall.config.yaml", "landfall.config.yml"];

/** The declaration's file at `path`: the file itself, or the one a folder holds. */
export function findDeclaration(path: string): string {
  const target = resolve(path);
  if (existsSync(target) && fileNames.some((name) => target.endsWith(name.slice(name.lastIndexOf(".")))))
    return target;
  const found = fileNames.map((name) => join(target, name)).find((file) => existsSync(file));
  if (found) return found;
  throw failure("LF1001", {
    what: `there is no declaration in ${shown(target)}`,
    why: `none of ${fileNames.join(", ")} exists there`,
    fix: "run `landfall init` in an empty folder, or name the folder of the declaration",
  });
}

/** A declaration as it was read, and how to read it again. */
export interface Reading {
  declaration: Declaration;
  /**
   * Read it again after these files changed (absolute paths, as `watchDeclaration` tells them); all others count as they
   * were. Apps of files that did not change stay the same objects. After a throw, ask this reading again.
   */
  again(changed: readonly string[]): Promise<Reading>;
}

/**
 * Read a declaration with the files of its estate and its data files: TypeScript is evaluated in a sealed process, YAML
 * parsed. Throws when a file cannot be read, with what is wrong in all of them; anything else is among the problems.
 */
export async function loadDeclaration(path: string): Promise<Declaration> {
  return (await readDeclaration(path)).declaration;
}

/** As `loadDeclaration`, to be read again when files change. */
export async function readDeclaration(path: string): Promise<Reading> {
  const file = findDeclaration(path);
  const files = openParsedFiles(file);
  const main = file.endsWith(".ts") ? await evaluateDeclaration(file) : readMain(file, files);
  const listing = listEstate(dirname(file), main.tree.include);
  const inTypeScript =
    !file.endsWith(".ts") && listing.files.some((name) => name.endsWith(".ts"))
      ? evaluateDeclaration(file, main.tree.include)
      : undefined;
  // The files in YAML are read while those in TypeScript are evaluated.
  const estate = readEstate(listing, files);
  const evaluated = await inTypeScript;
  const parts: Parts = { file, files, main, listing, listed: new Set(listing.files), evaluated };
  const declaration = merged(parts, estate);
  files.save();
  return reading(parts, estate, declaration);
}

/** What was read, without the files that are parsed anew when they change. */
interface Parts {
  file: string;
  files: ParsedFiles;
  main: EvaluatedTree;
  listing: Listing;
  /** The files of the listing. */
  listed: Set<string>;
  evaluated: EvaluatedTree | undefined;
}

function reading(parts: Parts, estate: EstateApps, declaration: Declaration): Reading {
  const { file, files, main, evaluated, listed } = parts;
  const imported = [...(evaluated?.sources ?? []), ...main.sources];
  // Of all that is asked for after this reading, also where that threw.
  const since = new Set<string>();
  const isContent = (path: string) =>
    (listed.has(path) || declaration.data.some((data) => data.file === path)) &&
    !path.endsWith(".ts") &&
    !imported.some((source) => source.path === path) &&
    existsSync(path);
  return {
    declaration,
    again: async (changed) => {
      files.forget(changed);
      for (const path of changed) since.add(path);
      const all = [...since];
      if (!all.every(isContent)) return readDeclaration(file);
      const inEstate = all.filter((path) => listed.has(path));
      const next = changedEstate(estate, inEstate, files) ?? readEstate(parts.listing, files);
      return reading(parts, next, merged(parts, next));
    },
  };
}

/** The whole declaration of its parts. Throws what cannot be read in any of them. */
function merged({ file, files, main, listing, evaluated }: Parts, estate: EstateApps): Declaration {
  const dir = dirname(file);
  const unread = [
    ...main.unread,
    ...listProblems(listing, main.place),
    ...estate.unread,
    ...(evaluated?.unread ?? []),
  ];
  if (unread.length > 0) throw new LandfallError(inFileOrder(unread));
  const root = evaluated ? withEvaluated(main, evaluated) : main;
  const { tree, place, problems } = withApps(root, estate);
  const data = readData(dir, tree, files);
  return {
    file,
    dir,
    tree,
    data: data.files,
    place,
    placeInData: data.placeIn,
    problems: [...problems, ...estate.doubled, ...data.problems],
    sources: [...root.sources, ...estate.sources, ...data.sources],
    folders: [...listing.folders, ...data.folders],
  };
}

function readMain(file: string, files: ParsedFiles): EvaluatedTree {
  const read = files.read(file);
  if ("problems" in read) throw new LandfallError(textProblems(file, read.problems));
  const { value, source } = read;
  if (!isRecord(value)) {
    throw failure("LF1001", {
      what: "the declaration is not a mapping",
      fix: "start with `company: name`",
      where: { file: shown(file) },
    });
  }
  return {
    tree: value,
    place: placesIn(file),
    sources: [source as Source],
    problems: [],
    unread: [],
    sites: {},
  };
}

/** A declaration in YAML with what the TypeScript files of its estate declare. */
function withEvaluated(main: EvaluatedTree, evaluated: EvaluatedTree): EvaluatedTree {
  const tree = { ...main.tree };
  const problems: Problem[] = [...main.problems, ...evaluated.problems];
  const isMain = (group: string, name: string) => Object.hasOwn(groupOf(main.tree, group), name);
  for (const [group, members] of Object.entries(evaluated.tree)) {
    const own = groupOf(main.tree, group);
    for (const [name, value] of Object.entries(members as Record<string, object>)) {
      // A handle without content only names what the declaration has.
      if (!isMain(group, name) || (group !== "apps" && Object.keys(value).length === 0)) continue;
      const [first, second] = [main.place([group, name]), evaluated.place([group, name])];
      problems.push(
        group === "apps" ? doubledApp(name, first, second) : doubledName(group, name, first, second),
      );
    }
    tree[group] = { ...(members as object), ...own };
  }
  const place: PlaceOf = (path) => {
    const [group, name] = path.map(String);
    const isEvaluated =
      group && name && Object.hasOwn(groupOf(evaluated.tree, group), name) && !isMain(group, name);
    return isEvaluated ? evaluated.place(path) : main.place(path);
  };
  return { ...main, tree, place, problems, sources: [...main.sources, ...evaluated.sources] };
}

function groupOf(tree: Record<string, unknown>, group: string): Record<string, unknown> {
  const found = tree[group];
  // A list is kept for the schema to refuse.
  return found !== null && typeof found === "object" ? (found as Record<string, unknown>) : {};
}

function doubledName(group: string, name: string, first: Place, second: Place): Problem {
  return problem("LF1008", {
    what: `\`${group}.${name}\` is declared twice`,
    why: firstAt(first),
    fix: "say what it is in one of them alone",
    where: second,
  });
}

/** The declaration with the apps that YAML files of the estate declare. */
function withApps(
  main: EvaluatedTree,
  { apps }: EstateApps,
): Pick<Declaration, "tree" | "place" | "problems"> {
  const own = main.tree.apps ?? {};
  // What is wrong with it the schema says.
  if (apps.size === 0 || !isRecord(own)) return main;
  const problems = [...main.problems];
  const all: Record<string, unknown> = { ...own };
  for (const [name, { tree, place }] of apps) {
    if (Object.hasOwn(own, name)) problems.push(doubledApp(name, main.place(["apps", name]), place([])));
    else all[name] = tree;
  }
  const place: PlaceOf = (path) => {
    const found = path[0] === "apps" && !Object.hasOwn(own, String(path[1])) && apps.get(String(path[1]));
    return found ? { ...found.place(path.slice(2)), path: path.join(".") } : main.place(path);
  };
  return { tree: { ...main.tree, apps: all }, place, problems };
}
