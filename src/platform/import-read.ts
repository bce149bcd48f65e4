import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { readObjects } from "../import/read-objects.ts";
import type { Source } from "../import/source.ts";
import { failure } from "../util/errors.ts";

/** What a path holds, told from its files' names. */
export type InputKind = "manifests" | "kustomize" | "helm" | "compose";

export interface Input {
  kind: InputKind;
  /** The folder or file that is given to the reader of its kind. */
  path: string;
}

/** The names that kustomize looks for in a folder. */
export const kustomizations = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const composeName = /^(docker-)?compose\.ya?ml$/;
/** A folder of manifests has at most this many files; more is a wrong folder. */
const mostFiles = 20_000;

/** Tell what a path holds. Errors: LF1023 when it does not exist. */
export function inputAt(given: string): Input {
  const path = resolve(given);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat)
    throw failure("LF1023", {
      what: `${given} does not exist`,
      fix: "name a folder, a file, a chart or a compose file",
    });
  const name = basename(path);
  if (stat.isFile()) {
    if (name.endsWith(".tgz")) return { kind: "helm", path };
    if (composeName.test(name)) return { kind: "compose", path };
    if (kustomizations.includes(name)) return { kind: "kustomize", path: join(path, "..") };
    return { kind: "manifests", path };
  }
  if (kustomizations.some((file) => existsSync(join(path, file)))) return { kind: "kustomize", path };
  if (existsSync(join(path, "Chart.yaml"))) return { kind: "helm", path };
  const compose = readdirSync(path).find((file) => composeName.test(file));
  return compose ? { kind: "compose", path: join(path, compose) } : { kind: "manifests", path };
}

export interface ReadFolder {
  sources: Source[];
  /** Files and documents that were left out, with the reason. */
  skipped: { from: string; why: string }[];
}

/** Read every manifest of a folder (or one file), in the order of their paths. Links that lead out of it are refused. */
export function readManifests(path: string): ReadFolder {
  const result: ReadFolder = { sources: [], skipped: [] };
  if (statSync(path).isFile()) return readObjects(readText(path), basename(path));
  const root = realpathSync(path);
  const files: string[] = [];
  collect(root, root, files, result.skipped);
  for (const file of files.sort()) {
    const { sources, skipped } = readObjects(readText(join(root, file)), file);
    result.sources.push(...sources);
    result.skipped.push(...skipped);
  }
  return result;
}

function collect(root: string, folder: string, files: string[], skipped: ReadFolder["skipped"]): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const from = relative(root, path);
    if (entry.isSymbolicLink()) followed(root, path, from, skipped);
    else if (entry.isDirectory()) enter(root, entry, path, files, skipped);
    else if (/\.(ya?ml|json)$/.test(entry.name)) files.push(from);
    if (files.length > mostFiles)
      throw failure("LF1023", {
        what: `${root} has more than ${mostFiles} manifests`,
        fix: "import a folder further in",
      });
  }
}

/** What a link inside leads to is read where it is; what is outside is not for this import to read. */
function followed(root: string, path: string, from: string, skipped: ReadFolder["skipped"]): void {
  const target = existsSync(path) ? realpathSync(path) : "nowhere";
  if (target !== root && !target.startsWith(root + sep)) {
    throw failure("LF1023", {
      what: `${from} is a link to ${target}, outside of ${root}`,
      why: "an import reads the folder it is given and nothing else",
      fix: "copy what it leads to into the folder, or remove the link",
    });
  }
  skipped.push({ from, why: "it is a link to a file that is read anyway" });
}

function enter(
  root: string,
  entry: Dirent,
  path: string,
  files: string[],
  skipped: ReadFolder["skipped"],
): void {
  if (entry.name === ".git" || entry.name === "node_modules") return;
  const chart = existsSync(join(path, "Chart.yaml"));
  if (chart)
    skipped.push({
      from: relative(root, path),
      why: "it is a Helm chart of its own: import that folder by itself",
    });
  else collect(root, path, files, skipped);
}

function readText(path: string): string {
  if (statSync(path).size > 64 * 1024 * 1024)
    throw failure("LF1023", { what: `${path} has more than 64 MiB`, fix: "leave it out of the import" });
  return readFileSync(path, "utf8");
}
