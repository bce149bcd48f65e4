import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { failure } from "../../util/errors.ts";
import { makeFolderAtomic } from "../../util/files.ts";
import { sha256 } from "../../util/hash.ts";
import { cachePath } from "../../util/home.ts";
import { run } from "../machine/run.ts";
import { type BuildOptions, buildProgram } from "./build.ts";
import { download } from "./download.ts";
import type { Download, Program } from "./program.ts";
import { goModulesFolder, sourceKey } from "./program-key.ts";
import { kubernetesParts } from "./programs/kubernetes.ts";
import { findProgram } from "./programs.ts";

export interface FoundBinary {
  /** Absolute path. */
  path: string;
  origin: "user" | "path" | "cache" | "download" | "build";
}

export interface FindOptions extends BuildOptions {
  /** Paths the user names, by program name. */
  binaries?: Record<string, string> | undefined;
  /** False: never ask the network for a ready program. @default true */
  download?: boolean;
  /** False: LF5002 instead of building. @default true */
  build?: boolean;
}

/** One name as it is looked for: an alias of the Kubernetes binary has a version and a download of its own. */
interface Wanted {
  name: string;
  program: Program;
  version: string;
  versionArgs?: string[] | undefined;
  download?: Download | undefined;
}

const os = () => process.platform;
const arch = () => ({ x64: "amd64", arm64: "arm64" })[process.arch as "x64"] ?? process.arch;

/**
 * Find a program, in this order: the path the user names (`binaries`, or a file in `$LANDFALL_BIN_DIR`), PATH
 * when the version fits in major and minor, the cache, its makers' download, a build from its Go module.
 * Programs that become images are never taken from PATH, since those may need the machine's libraries.
 * Errors: LF5002 (a named file is missing, no such program, nothing allowed found it) and those of the build.
 */
export async function findBinary(name: string, options: FindOptions = {}): Promise<FoundBinary> {
  const wanted = describe(name);
  const steps: [FoundBinary["origin"], () => Promise<string | undefined> | string | undefined][] = [
    ["user", () => fromUser(wanted, options)],
    ["path", () => fromPath(wanted)],
    ["cache", () => fromCache(wanted, options.modules ?? goModulesFolder)],
    ["download", () => (options.download === false ? undefined : fromDownload(wanted, options.signal))],
    ["build", () => (options.build === false ? undefined : fromBuild(wanted, options))],
  ];
  for (const [origin, look] of steps) {
    options.signal?.throwIfAborted();
    const path = await look();
    if (path !== undefined) return { path, origin };
  }
  throw failure("LF5002", {
    what: `${name} ${wanted.version} cannot be found`,
    why: "it is neither named, on PATH, in the cache nor published where this machine can reach it",
    fix: `put ${name} into a folder and set LANDFALL_BIN_DIR to it, or let landfall build it`,
  });
}

function describe(name: string): Wanted {
  const program = findProgram(name);
  if (!program) throw failure("LF5002", { what: `landfall knows no program called \`${name}\`` });
  const part = kubernetesParts[name];
  return {
    name,
    program,
    version: part?.version ?? program.version,
    versionArgs: part?.versionArgs ?? program.versionArgs,
    download: part?.download ?? program.download,
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A named path that is no program is an error: using another one silently would surprise. */
function fromUser(wanted: Wanted, options: FindOptions): string | undefined {
  const named = options.binaries?.[wanted.name];
  if (named !== undefined) {
    if (isExecutable(named)) return resolve(named);
    throw failure("LF5002", {
      what: `${named} is not an executable file`,
      why: `it is named as the ${wanted.name} to use`,
      fix: "name another path, or leave it out so that landfall finds one",
    });
  }
  const folder = process.env.LANDFALL_BIN_DIR;
  const path = folder && join(folder, wanted.name);
  return path && isExecutable(path) ? resolve(path) : undefined;
}

async function fromPath(wanted: Wanted): Promise<string | undefined> {
  if (!wanted.versionArgs || wanted.program.kind === "image") return undefined;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = folder && join(folder, wanted.name);
    if (!path || !isExecutable(path)) continue;
    const said = await run(path, wanted.versionArgs, { timeoutMs: 5000 });
    if (said.code === 0 && versionFits(`${said.stdout}\n${said.stderr}`, wanted.version))
      return resolve(path);
  }
  return undefined;
}

/** Whether the first version in what a program printed has the same major and minor as the wanted one. */
export function versionFits(printed: string, wanted: string): boolean {
  const found = /\bv?(\d+)\.(\d+)(?:\.\d+)?/.exec(printed);
  const [major, minor] = wanted.split(".");
  return found !== null && found[1] === major && found[2] === minor;
}

/** The folder of a downloaded program. */
function downloadFolder(wanted: Wanted): string {
  const facts = [wanted.name, wanted.version, os(), arch(), wanted.download?.url].join("\n");
  return cachePath("bin", `${sha256(facts).slice(0, 24)}-release`);
}

/** What was built or downloaded before. Go is not asked, so that it may be gone; the newest build wins. */
function fromCache(wanted: Wanted, modules: string): string | undefined {
  if (wanted.download) {
    const path = join(downloadFolder(wanted), wanted.name);
    if (existsSync(path)) return path;
  }
  const key = `${sourceKey(wanted.program, os(), arch(), modules)}-`;
  const bin = cachePath("bin");
  if (!existsSync(bin)) return undefined;
  return readdirSync(bin)
    .filter((entry) => entry.startsWith(key) && !/\.(lock|tmp)$/.test(entry))
    .map((entry) => join(bin, entry, wanted.name))
    .filter((path) => existsSync(path))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

async function fromDownload(wanted: Wanted, signal: AbortSignal | undefined): Promise<string | undefined> {
  if (!wanted.download) return undefined;
  const from = wanted.download;
  const folder = downloadFolder(wanted);
  const facts = { name: wanted.name, version: wanted.version, os: os(), arch: arch() };
  const refused = new Error("refused");
  try {
    await makeFolderAtomic(folder, async (aside) => {
      if (!(await download(from, facts, join(aside, wanted.name), signal))) throw refused;
    });
  } catch (error) {
    if (error === refused) return undefined;
    throw error;
  }
  return join(folder, wanted.name);
}

async function fromBuild(wanted: Wanted, options: FindOptions): Promise<string> {
  const { path } = await buildProgram(wanted.program, options);
  return join(path, "..", wanted.name);
}
