import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { sha256 } from "../../util/hash.ts";
import type { BuildContext } from "./context.ts";
import { ensureLayer } from "./layer.ts";
import { runOrFail } from "./run.ts";
import { copySource } from "./source-copy.ts";
import { requireFile, type Source, workdirOf } from "./source-recipe.ts";
import type { Layer } from "./store.ts";
import { treeEntries } from "./tree.ts";

/** The container's platform, whatever this machine is. */
const target = ["--os=linux", "--cpu=x64", "--libc=glibc"];

/** Read by compilers and debuggers, never by the program. */
const forDevelopers = /\.(?:d\.[cm]?ts|map)$/;

/**
 * node_modules by `npm ci` in a copy, without install scripts: a package that must compile something has to
 * come with prebuilt files. Kept apart from the source, so that editing code packs only the code again.
 *
 * @param bare without optional packages, and without what only developers read
 */
export async function dependencyLayer(
  dependencies: Record<string, string> = {},
  source: Source,
  context: BuildContext,
  bare = false,
): Promise<Layer[]> {
  if (Object.keys(dependencies).length === 0) return [];
  const lock = requireFile(source, "package-lock.json", "dependencies are installed exactly as locked");
  const content = readFileSync(lock, "utf8");
  // A dependency on a folder has its own package.json, which the lock does not pin.
  const local = /"link": true|"resolved": "file:/.test(content) ? source.hash : "";
  const wanted = sha256(JSON.stringify(dependencies));
  const key = `npm ${source.path} ${sha256(content)} ${wanted} ${local}${bare ? "bare" : ""}`;
  const layer = await ensureLayer(key, context, async (work) => {
    context.onProgress?.(`installing the npm packages of ${source.path} …`);
    const tree = join(work, "tree");
    mkdirSync(tree);
    copySource(source.root, source.files, tree);
    const folder = join(tree, source.path);
    if (bare) forgetOthers(folder);
    const args = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", ...target];
    await runOrFail("npm", args, {
      ...context,
      cwd: folder,
      env: { NODE_ENV: "production" },
      code: "LF5003",
      what: `the npm packages of ${source.path} cannot be installed`,
      fix: `mend it; to see it again: cd ${source.path} && npm ci --omit=dev`,
    });
    const below = posix.join(workdirOf(source).slice(1), "node_modules");
    return treeEntries(join(folder, "node_modules"), below, (path) => bare && forDevelopers.test(path));
  });
  return [layer];
}

/**
 * Take optional and development dependencies out of a copy: npm wants everything to be locked that is named, also for
 * other platforms and also what it is told to leave out.
 */
function forgetOthers(folder: string): void {
  for (const name of ["package.json", "package-lock.json"]) {
    const file = join(folder, name);
    const json = JSON.parse(readFileSync(file, "utf8"));
    const about = name === "package.json" ? json : json.packages[""];
    delete about.devDependencies;
    delete about.optionalDependencies;
    writeFileSync(file, JSON.stringify(json));
  }
}
